/**
 * A naive model of the poller inside the server, from its documentation and from encoding/json: the body is cut
 * after 1 KiB, keys match in any case, the last one of a name counts, null is left out, invalid UTF-8 is replaced.
 * It knows nothing of the gate and reads JSON with a reader of its own.
 */
export function serverPasses(httpStatus: number, body: Uint8Array, capability: string): boolean {
  if (httpStatus !== 200) return false
  try {
    const reader = new Reader(new TextDecoder().decode(body.subarray(0, 1_024)))
    return holds(reader.document(), capability)
  } catch {
    return false
  }
}

type Json = null | boolean | number | string | Json[] | Member[]
class Member {
  readonly key: string
  readonly value: Json
  constructor(key: string, value: Json) {
    this.key = key
    this.value = value
  }
}

function holds(value: Json, capability: string): boolean {
  if (!Array.isArray(value) || !value.every((item) => item instanceof Member)) return false
  let listed: Json[] = []
  for (const { key, value: field } of value) {
    const name = key.toLowerCase()
    if (name === 'status' && field !== null && typeof field !== 'string') return false
    if (name !== 'capabilities') continue
    if (field === null) listed = []
    else if (!Array.isArray(field) || field.some((item) => item instanceof Member)) return false
    else listed = field as Json[]
    if (listed.some((item) => item !== null && typeof item !== 'string')) return false
  }
  return listed.includes(capability)
}

/** RFC 8259, by recursive descent; throws at the first character that does not fit. */
class Reader {
  private at = 0
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  document(): Json {
    const value = this.value()
    this.blanks()
    if (this.at !== this.text.length) throw new Error('text behind the value')
    return value
  }

  private take(pattern: RegExp): string {
    const [found] = new RegExp(pattern, 'y').exec(this.text.slice(this.at)) ?? []
    if (found === undefined) throw new Error(`unexpected character at ${this.at}`)
    this.at += found.length
    return found
  }

  private blanks = () => this.take(/[ \t\r\n]*/)

  private next(char: string): boolean {
    this.blanks()
    if (this.text[this.at] !== char) return false
    this.at++
    return true
  }

  private value(): Json {
    if (this.next('{')) return this.list('}', () => this.member()) as Member[]
    if (this.next('[')) return this.list(']', () => this.value()) as Json[]
    if (this.text[this.at] === '"') return this.string()
    const word = this.take(/true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/)
    return word === 'null' ? null : word === 'true' || word === 'false' ? word === 'true' : +word
  }

  /** An empty object has no members, which makes it an empty array here; no status or list either way. */
  private list<T>(end: string, item: () => T): T[] {
    const items: T[] = []
    if (this.next(end)) return items
    do items.push(item())
    while (this.next(','))
    if (!this.next(end)) throw new Error(`expected ${end}`)
    return items
  }

  private member(): Member {
    this.blanks()
    const key = this.string()
    if (!this.next(':')) throw new Error('expected a colon')
    return new Member(key, this.value())
  }

  private string(): string {
    const raw = this.take(/"([^"\\\x00-\x1f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/)
    const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
    return raw
      .slice(1, -1)
      .replace(/\\(?:u(....)|(.))/g, (_, unit: string | undefined, char: string) =>
        unit === undefined
          ? (escapes[char] ?? char)
          : String.fromCharCode(Number.parseInt(unit, 16)),
      )
  }
}
