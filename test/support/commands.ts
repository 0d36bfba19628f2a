/**
 * The grammar by which the runner finds workflow commands in the two streams of a step, after
 * actions/runner, src/Runner.Common/ActionCommand.cs and src/Runner.Worker/Handlers/OutputManager.cs.
 */
export interface Command {
  readonly name: string
  /** Unescaped. */
  readonly data: string
}

/** The commands that a runner registers, internal ones included, and whatever a stop-commands token may be. */
const REGISTERED = new Set([
  ...[
    'add-mask',
    'add-matcher',
    'remove-matcher',
    'add-path',
    'set-env',
    'set-output',
    'save-state',
  ],
  ...['debug', 'warning', 'error', 'notice', 'echo', 'group', 'endgroup', 'section', 'command'],
  ...['stop-commands', 'internal-set-repo-path', 'start-action', 'end-action', 'task', 'pause'],
])

/**
 * What a culture-sensitive comparison of .NET may pass over: everything that has no weight of its own in the
 * Unicode collation, which is far less than this.
 */
const IGNORABLE = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u{1d159}]/gu

/** .NET's Char.IsWhiteSpace */
const BLANKS = /^[\s\u0085\u200b\ufeff]+/

/** Finds every command in a stream; CR and LF, alone or together, end a line. */
export function findCommands(stream: string): Command[] {
  return stream.split(/\r\n|\r|\n/).flatMap((line) => {
    const found = parse(line) ?? parse(line.replace(IGNORABLE, ''))
    return found === null ? [] : [found]
  })
}

const parse = (line: string) => parseV2(line) ?? parseV1(line)

/** `::name key=value::data` at the start of a line, after blanks */
function parseV2(line: string): Command | null {
  const message = line.replace(BLANKS, '')
  if (!message.startsWith('::')) return null
  const end = message.indexOf('::', 2)
  return end < 0 ? null : make(message.slice(2, end), message.slice(end + 2))
}

/** `##[name key=value;]data` anywhere in a line */
function parseV1(line: string): Command | null {
  const start = line.indexOf('##[')
  const end = line.indexOf(']', start)
  return start < 0 || end < 0 ? null : make(line.slice(start + 3, end), line.slice(end + 1))
}

function make(info: string, data: string): Command | null {
  const name = info.split(' ')[0]?.toLowerCase() ?? ''
  if (!REGISTERED.has(name)) return null
  const unescaped = data.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%')
  return { name, data: unescaped }
}
