import { describe, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import {
  annotationText,
  findingLines,
  headlineLine,
  nodeLines,
  peerLine,
  roundLine,
} from '../../src/report/lines.ts'
import { crash, refuse } from '../../src/rounds/rounds.ts'
import { findWarnings } from '../../src/rounds/warnings.ts'
import { logText } from '../../src/shared/text.ts'
import { makeCertificate } from '../support/certificates.ts'
import { findCommands } from '../support/commands.ts'
import { inHeader, LOG_ATTACKS, serveReplies } from '../support/hostile.ts'
import { listReply, okReply } from '../support/replies.ts'
import { makeRound } from '../support/rounds.ts'
import { serve } from '../support/servers.ts'
import { hostileMemberships, hostileRound, makeEntry, makeVerdict } from '../support/verdicts.ts'

/** What moves a cursor, ends a line, hides or turns text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('the grammar of the runner, as it is ported here', () => {
  it.each([
    ['::error::x', 'error', 'x'],
    ['  ::error file=a,line=1::x%0Ay', 'error', 'x\ny'],
    ['text\n::add-mask::true', 'add-mask', 'true'],
    ['text\r::add-mask::true', 'add-mask', 'true'],
    ['text ##[warning]x', 'warning', 'x'],
    ['\u00a0::ERROR::x', 'error', 'x'],
    [':\u200b:error::x', 'error', 'x'],
    ['##\u200d[debug]x', 'debug', 'x'],
  ])('finds a command in %j', (stream, name, data) => {
    expect(findCommands(stream)).toEqual([{ name, data }])
  })

  it.each(['text ::error::x', '::unknown::x', ':error:', '##error', '[error]', '::error x', ''])(
    'finds none in %j',
    (stream) => {
      expect(findCommands(stream)).toEqual([])
    },
  )

  it('finds one in most of the attacks, as long as nobody disarms them', () => {
    const found = LOG_ATTACKS.filter((text) => findCommands(text).length > 0)
    expect(found.length).toBeGreaterThan(25)
  })
})

describe.each(LOG_ATTACKS)('%j in the log', (attack) => {
  it('is no command, alone or at the end of what it says', () => {
    for (const text of [attack, attack.repeat(40), `##${attack}`, `x${attack}`, `:${attack}`]) {
      expect(findCommands(logText(text))).toEqual([])
      expect(logText(text)).not.toMatch(UNSEEN)
    }
  })

  it('is no command in any line of the gate, as name, address, capability, list, member or error', () => {
    const results = hostileRound(attack)
    const entry = makeEntry({ changes: [{ name: attack, from: null, to: 'dns' }] })
    const verdicts = [results, makeRound('advertises')].flatMap((round) =>
      hostileMemberships(attack).map((membership) =>
        makeVerdict(round, { capability: attack, membership }),
      ),
    )
    const [membership = null] = hostileMemberships(attack)
    const warnings = [
      ...findWarnings(results, membership, [], 0),
      ...findWarnings(results, null, [[attack, attack]], 0),
    ]
    expect(warnings).toHaveLength(2)
    const lines = [
      ...nodeLines({ peers: results.map(({ peer }) => peer) }),
      ...results.map(peerLine),
      roundLine(entry),
      ...verdicts.flatMap((verdict) => [headlineLine(verdict), ...findingLines(verdict)]),
      ...warnings.map((warning) => logText(warning, 1_000)),
    ]
    expect(lines.filter((line) => findCommands(line).length > 0 || UNSEEN.test(line))).toEqual([])
    for (const verdict of [...verdicts, refuse([attack], 'x'), crash(attack, 'x')]) {
      // As core writes it: the lines of the annotation are its own, everything else is escaped.
      const data = annotationText(verdict)
      expect(data.replaceAll('\n', '')).not.toMatch(UNSEEN)
      expect(data.split('\n').filter((line) => findCommands(line).length > 0)).toEqual([])
    }
  })
})

describe('through the bundle', () => {
  it('a hostile peer starts no command and moves no cursor', async () => {
    const all = LOG_ATTACKS.join(' ')
    const few = LOG_ATTACKS.slice(0, 30)
    await using servers = await serveReplies([
      ...LOG_ATTACKS.map((text) => listReply(text)),
      ...LOG_ATTACKS.map((text) => okReply(JSON.stringify({ status: text, capabilities: [text] }))),
      ...LOG_ATTACKS.map((text) => okReply(text)),
      okReply(all.slice(0, 900)),
      listReply(...few),
      ...LOG_ATTACKS.map((text) => `HTTP/1.1 302 Found\r\nLocation: ${inHeader(text)}\r\n\r\n`),
      ...LOG_ATTACKS.map(
        (text) => `HTTP/1.1 500 ${inHeader(text)}\r\nX: ${inHeader(text)}\r\n\r\n`,
      ),
      ...LOG_ATTACKS,
      ...LOG_ATTACKS.map((text) => `${inHeader(text)}\r\n\r\n`),
      'HTTP/1.1 302 Found\r\nLocation: x\r\n::error::x\r\n\r\n',
    ])
    const peers = servers.peers.join('\n')
    for (const debug of [undefined, '1']) {
      const env = { RUNNER_DEBUG: debug }
      const step = await runStep({ peers, timeout: '20s' }, { env })
      expect(step.code).toBe(1)
      expect(step.outputs).toMatchObject({ 'advertising-count': '0' })
      expect(step.stderr).toBe('')
      const own = new Set(['error', 'warning', 'group', 'endgroup', 'debug'])
      const commands = findCommands(step.stdout)
      expect(commands.filter(({ name }) => !own.has(name))).toEqual([])
      expect(commands.filter(({ name }) => name === 'error')).toHaveLength(1)
      // All of them have one address.
      expect(commands.filter(({ name }) => name === 'warning')).toHaveLength(1)
      expect(commands.filter(({ name }) => name === 'group')).toHaveLength(2)
      expect(commands.filter(({ name }) => name === 'endgroup')).toHaveLength(2)
      expect(step.stdout.replaceAll('\n', '')).not.toMatch(UNSEEN)
    }
  })

  it('a hostile name in a certificate starts no command', async () => {
    for (const name of ['##[add-mask]true', '::add-mask::true', 'a\n::add-mask::true']) {
      const { certificate, key } = makeCertificate(name)
      await using server = await serve(() => undefined, { tls: { cert: certificate, key } })
      const peers = `https://${server.address}`
      const step = await runStep({ peers, 'ca-certificate': certificate })
      expect(step.code).toBe(1)
      expect(JSON.parse(step.outputs['report'] ?? '').peers[0].status).toBe('tls')
      const commands = findCommands(step.stdout).filter(({ name: found }) => found !== 'debug')
      expect(commands.map(({ name: found }) => found)).toEqual(['error'])
    }
  })

  it('hostile names and capability of the inputs start no command either', async () => {
    await using servers = await serveReplies([listReply('htfifo', '##[add-mask]true')])
    // What a name may hold; the others are refused.
    const names = LOG_ATTACKS.filter((text) => /^[\p{L}\p{M}\p{Nd}\-_.:/@[\]]+$/u.test(text))
    expect(names.length).toBeGreaterThan(4)
    const peers = names.map((name, index) => `${name}=${servers.peers[0]}/${index}`).join('\n')
    const open = await runStep({ peers, capability: '##[add-mask]true' })
    expect(open.code).toBe(0)
    const commands = findCommands(open.stdout).map(({ name }) => name)
    const noise = ['group', 'endgroup', 'warning']
    expect(commands.filter((name) => !noise.includes(name))).toEqual(['notice'])
    const closed = await runStep({ peers, capability: '::add-mask::true' })
    expect(closed.code).toBe(1)
    const own = ['group', 'endgroup', 'warning', 'error']
    expect(findCommands(closed.stdout).filter(({ name }) => !own.includes(name))).toEqual([])
  })

  it('hostile entries that are refused start no command', async () => {
    // No variable of an environment can hold a NUL.
    const attacks = LOG_ATTACKS.filter((text) => !text.includes('\0'))
    const step = await runStep({
      peers: attacks.join('\n'),
      timeout: '##[add-mask]true',
      capability: '\n::add-mask::true',
      headers: '##[add-mask]true',
      'partition-map': attacks.join(';'),
      'ca-certificate': '##[add-mask]true',
    })
    expect(step.code).toBe(1)
    expect(findCommands(step.stdout).map(({ name }) => name)).toEqual([
      'group',
      'endgroup',
      'error',
    ])
    expect(step.stdout.replaceAll('\n', '')).not.toMatch(UNSEEN)
  })
})
