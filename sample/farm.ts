/**
 * Thousands of nodes in one process, for load: every address of 127.0.0.0/8 answers on the ports that are printed as one
 * line of JSON. `ready` answers at once, `silent` accepts and never answers, `secure` is `ready` behind TLS if a
 * certificate and a key are given as arguments, and `raft` is a Raft listener if `members=` and a number is given: it knows
 * that many voters, n1, n2 and so on, from the first of these addresses on. Ends with its standard input.
 */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { loopback } from './load.ts'
import { type RaftMember, startRaftListener } from './raft.ts'

/** In how many orders the members are told. */
const ORDERS = 16
const BODY = '{"status":"ok","capabilities":["htfifo"]}\n'
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`

const answer = (socket: Socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', () => socket.end(ANSWER))
}
const stayOnLoopback = (socket: Socket) => {
  if (!socket.localAddress?.startsWith('127.')) socket.destroy()
}

async function listen(server: Server): Promise<number> {
  server.on('connection', stayOnLoopback)
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, resolve),
  )
  return (server.address() as AddressInfo).port
}

async function listenForRaft(count: number): Promise<number> {
  const members: RaftMember[] = []
  let calls = 0
  const orders: RaftMember[][] = []
  const tell = () => orders[calls++ % orders.length] ?? []
  const { address } = await startRaftListener(tell, { host: '0.0.0.0', backlog: 4_096 })
  const port = Number(address.split(':').at(-1))
  for (let index = 0; index < count; index++) {
    const id = `n${index + 1}`
    members.push({ id, address: `${loopback(index)}:${port}`, suffrage: 'voter' })
  }
  // Each answer in another order than the one before.
  for (let turn = 0; turn < ORDERS; turn++) {
    const at = Math.floor((turn * count) / ORDERS)
    orders.push([...members.slice(at), ...members.slice(0, at)])
  }
  return port
}

const words = process.argv.slice(2)
const [certificate, key] = words.filter((word) => !word.startsWith('members='))
const count = Number(words.find((word) => word.startsWith('members='))?.split('=')[1] ?? 0)
const ready = await listen(createServer(answer))
const silent = await listen(createServer((socket) => socket.on('error', () => socket.destroy())))
const secure =
  certificate === undefined || key === undefined
    ? null
    : await listen(
        createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answer),
      )
const raft = count > 0 ? await listenForRaft(count) : null
console.log(JSON.stringify({ ready, silent, secure, raft }))
process.stdin.resume().on('end', () => process.exit())
