import { createServer } from 'node:net'

/** Below the range from which kernels hand out ports, so that no connection of a scene takes a port of a node. */
const FIRST = 20_000
const LAST = 29_999

/** Where nodes listen. */
const HOSTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']

let next = FIRST + Math.floor(Math.random() * (LAST - FIRST))

/** Finds a port between 20000 and 29999 that is free wherever nodes listen; no port is given twice in a run. */
export async function findPort(): Promise<number> {
  for (let tries = 0; tries < LAST - FIRST; tries++) {
    next = next === LAST ? FIRST : next + 1
    const port = next
    const free = await Promise.all(HOSTS.map((host) => isFree(host, port)))
    if (free.every(Boolean)) return port
  }
  throw new Error(`no port between ${FIRST} and ${LAST} is free`)
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
