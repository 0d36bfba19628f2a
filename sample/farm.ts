/**
 * Thousands of nodes in one process, for load: every address of 127.0.0.0/8 answers on the ports that are printed as one
 * line of JSON. `ready` answers at once, `silent` accepts and never answers, `secure` is `ready` behind TLS if a
 * certificate and a key are given as arguments. Ends with its standard input.
 */
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

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

const [certificate, key] = process.argv.slice(2)
const ready = await listen(createServer(answer))
const silent = await listen(createServer((socket) => socket.on('error', () => socket.destroy())))
const secure =
  certificate === undefined || key === undefined
    ? null
    : await listen(
        createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answer),
      )
console.log(JSON.stringify({ ready, silent, secure }))
process.stdin.resume().on('end', () => process.exit())
