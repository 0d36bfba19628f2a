import { createServer } from 'node:net'

/** Below the range from which kernels hand out ports, so that no connection of a scene takes a port of a node. */
const FIRST = 20_000
const LAST = 29_999

let next = FIRST + Math.floor(Math.random() * (LAST - FIRST))

/** Finds a port between 20000 and 29999 that is free on 127.0.0.1; no port is given twice in a run. */
export async function findPort(): Promise<number> {
  for (let tries = 0; tries < LAST - FIRST; tries++) {
    next = next === LAST ? FIRST : next + 1
    const port = next
    if (await isFree(port)) return port
  }
  throw new Error(`no port between ${FIRST} and ${LAST} is free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
