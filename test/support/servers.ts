import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { makeCertificate } from './certificates.ts'

/** What a server does with one connection. */
export type Behaviour = (socket: Socket) => void

/** A server on raw sockets. */
export interface RawServer extends AsyncDisposable {
  /** `127.0.0.1:port` or `[::1]:port` */
  readonly address: string
  readonly port: number
  /** How many connections were accepted. */
  readonly connections: () => number
  /** How many bytes were handed to the system for sending, over all connections. */
  readonly sent: () => number
}

/** A key and its self-signed certificate, in PEM. */
export interface Identity {
  readonly key: string
  readonly cert: string
}

/** The body of a node that is ready, 42 bytes. */
export const GOOD = '{"status":"ok","capabilities":["htfifo"]}\n'

/** An answer with a right `Content-Length`, unless `head` says otherwise. */
export const reply = (
  body: string,
  head = `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`,
) => `${head}\r\n${body}`

/** The connection that a TLS socket was laid upon. */
const beneath = new WeakMap<Socket, Socket>()

/** Cuts a connection with a RST, whatever was laid upon it. */
export const reset = (socket: Socket): void => {
  ;(beneath.get(socket) ?? socket).resetAndDestroy()
}

/** Starts a server that does the same with every connection, on a free port; closing it cuts what is open. */
export async function serve(
  behave: Behaviour,
  { host = '127.0.0.1', port = 0, tls }: { host?: string; port?: number; tls?: Identity } = {},
): Promise<RawServer> {
  const open = new Set<Socket>()
  let connections = 0
  let closedSent = 0
  const server = createServer((socket) => {
    connections++
    open.add(socket)
    // Peers cut connections in these tests; that is no error of the server.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open.delete(socket)
      closedSent += socket.bytesWritten
    })
    if (tls === undefined) {
      behave(socket)
      return
    }
    const secured = new TLSSocket(socket, { isServer: true, ...tls })
    beneath.set(secured, socket)
    secured.on('error', () => undefined)
    secured.once('secure', () => behave(secured))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  return {
    address: host.includes(':') ? `[${host}]:${bound}` : `${host}:${bound}`,
    port: bound,
    connections: () => connections,
    sent: () => [...open].reduce((sum, socket) => sum + socket.bytesWritten, closedSent),
    [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Waits for a whole request head, then goes on with its text. */
export const onRequest =
  (answer: (socket: Socket, head: string) => void): Behaviour =>
  (socket) => {
    let head = ''
    socket.on('data', (chunk) => {
      if (head.endsWith('\r\n\r\n')) return
      head += chunk.toString('latin1')
      if (head.endsWith('\r\n\r\n')) answer(socket, head)
    })
  }

/** Answers each request with a text, in one write, and closes. */
export const answering = (text: string | Buffer): Behaviour =>
  onRequest((socket) => socket.end(text))

/** Answers each request with a text and leaves the connection open. */
export const holding = (text: string): Behaviour => onRequest((socket) => socket.write(text))

/** Answers each request with a text that is certainly on its way, then resets the connection. */
export const resetting = (text: string): Behaviour =>
  onRequest((socket) => {
    if (text === '') reset(socket)
    else socket.write(text, () => reset(socket))
  })

type Bytes = string | Uint8Array

/** Sends a first piece, then another one every 50 ms, until the connection is gone. */
export function drip(socket: Socket, first: Bytes, piece: Bytes): void {
  socket.write(first)
  const timer = setInterval(() => socket.write(piece), 50)
  socket.on('close', () => clearInterval(timer))
}

/** Sends a first piece, then another one again and again, as fast as the peer reads, until the connection is gone. */
export function flood(socket: Socket, first: Bytes, piece: Bytes): void {
  const block = Buffer.concat(Array(Math.ceil(65_536 / piece.length)).fill(Buffer.from(piece)))
  const more = () => {
    while (!socket.destroyed && socket.write(block));
  }
  socket.on('drain', more)
  socket.write(first)
  more()
}

/** Answers each request slowly, without end. */
export const dripping = (first: string, piece: string): Behaviour =>
  onRequest((socket) => drip(socket, first, piece))

/** Answers each request as fast as the peer reads, without end. */
export const flooding = (first: string, piece: string): Behaviour =>
  onRequest((socket) => flood(socket, first, piece))

/**
 * A port on which no SYN is answered: a listener that accepts nothing, with a full queue. Linux drops a SYN for it.
 * `open` lets it accept and answer like a ready node; a SYN that was dropped comes again after a second.
 */
export async function serveNoSyn({
  host = '127.0.0.1',
  port: wanted = 0,
} = {}): Promise<AsyncDisposable & { address: string; open(): void }> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const { gate, host, wanted, text } = workerData
     const server = require('node:net').createServer((socket) => {
       socket.on('error', () => undefined)
       socket.once('data', () => socket.end(text))
     })
     server.listen({ port: wanted, host, backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       Atomics.wait(gate, 0, 0)
     })`,
    { eval: true, workerData: { gate, host, wanted, text: reply(GOOD) } },
  )
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  // More than the queue holds; on the loopback a connection that is let in is so at once.
  const fillers = Array.from({ length: 8 }, () => connect(port, host))
  for (const filler of fillers) filler.on('error', () => undefined)
  await Promise.race(
    fillers.map((filler) => new Promise((resolve) => filler.once('connect', resolve))),
  )
  const open = () => {
    for (const filler of fillers) filler.destroy()
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
  }
  return {
    address: `${host}:${port}`,
    open,
    async [Symbol.asyncDispose]() {
      open()
      await worker.terminate()
    },
  }
}

/** Waits until a program listens on a port of 127.0.0.1, for up to ten seconds. */
export async function waitForListener(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1')
    const accepted = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (accepted) return
    await pause(50)
  }
}

/** Makes a certificate for 127.0.0.1 with the openssl of the machine. */
export function makeIdentity(): Identity {
  const { certificate, key } = makeCertificate('127.0.0.1', 'IP:127.0.0.1')
  return { key, cert: certificate }
}
