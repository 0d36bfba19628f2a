import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Where the name server of a namespace listens; its `/etc/resolv.conf` must say so. */
export const NAME_SERVER = '127.0.0.53'
/** Files that make the resolver of a namespace ask it, and it alone. */
export const RESOLVER_FILES = {
  '/etc/resolv.conf': `nameserver ${NAME_SERVER}\n`,
  '/etc/nsswitch.conf': 'hosts: files dns\n',
}

/** What is answered to one query: addresses of the family asked for, or a code (2 failure, 3 no such name); null is silence. */
export type Reply = {
  readonly addresses?: readonly string[]
  readonly code?: number
  readonly delayMs?: number
} | null

export interface NameServer {
  /** How many queries came so far, in all or for one name. */
  readonly queries: (name?: string) => number
  close(): void
}

/** Starts a name server that answers A and AAAA queries as it is told, by the full name. */
export async function startNameServer(answer: (name: string) => Reply): Promise<NameServer> {
  const queries: string[] = []
  const timers = new Set<NodeJS.Timeout>()
  const server = createSocket('udp4', (query, { port, address }) => {
    const asked = readName(query)
    queries.push(asked)
    const reply = answer(asked)
    if (reply === null) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      server.send(encode(query, reply), port, address)
    }, reply.delayMs ?? 0)
    timers.add(timer)
  })
  server.bind(53, NAME_SERVER)
  await once(server, 'listening')
  return {
    queries: (name) => queries.filter((asked) => name === undefined || asked === name).length,
    close() {
      for (const timer of timers) clearTimeout(timer)
      server.close()
    },
  }
}

function readName(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12, length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return labels.join('.').toLowerCase()
}

function encode(query: Buffer, { addresses = [], code = 0 }: Exclude<Reply, null>): Buffer {
  const end = 12 + readName(query).length + 2
  const question = query.subarray(12, end + 4)
  const type = query.readUInt16BE(end)
  const records = addresses
    .filter((address) => address.includes(':') === (type === 28))
    .map((address) => {
      const bytes = toBytes(address)
      return [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]
    })
  const head = [
    query[0] ?? 0,
    query[1] ?? 0,
    0x81,
    0x80 | code,
    0,
    1,
    0,
    records.length,
    0,
    0,
    0,
    0,
  ]
  return Buffer.concat([Buffer.from(head), question, Buffer.from(records.flat())])
}

function toBytes(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number)
  const [before = '', after = ''] = address.split('::')
  const words = (text: string) => (text === '' ? [] : text.split(':'))
  const zeros = Array(8 - words(before).length - words(after).length).fill('0')
  return [...words(before), ...zeros, ...words(after)].flatMap((word) => {
    const value = Number.parseInt(word, 16)
    return [value >> 8, value & 255]
  })
}
