import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { makeResolver } from '../../src/exchange/resolver.ts'

const node = process.execPath
const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-resolver-'))
afterEach(() => {
  process.execPath = node
})

/** Starts children through a script, which may refuse to. */
function startThrough(script: string): void {
  const path = join(folder, `node-${Math.random()}`)
  writeFileSync(path, `#!/bin/sh\n${script}\nexec "${node}" "$@"\n`)
  chmodSync(path, 0o755)
  process.execPath = path
}

/** A resolver that is ready, until the end of the test. */
async function start(hosts: readonly string[], timeoutMs = 3_000) {
  const resolver = makeResolver(hosts, timeoutMs)
  await resolver.ready()
  return { ...resolver, [Symbol.dispose]: () => resolver.end() }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.invalid`)

describe('a resolver', () => {
  it('finds the addresses of a name of the hosts file, each once', async () => {
    using resolver = await start(['localhost'])
    const found = await resolver.lookup('localhost')
    expect(found).toContainEqual({ address: '127.0.0.1', family: 4 })
    expect(new Set(found.map(({ address }) => address)).size).toBe(found.length)
  })

  it('looks up no name that it was not made for', async () => {
    using resolver = await start(['localhost'])
    await expect(resolver.lookup('other.invalid')).rejects.toThrow('no such name was expected')
  })

  it('starts no process where every host is an address', async () => {
    process.execPath = join(folder, 'nothing')
    using _ = await start(['127.0.0.1', '[::1]', '::1'])
  })

  it('has two threads for each name, and fewer where so many cannot be made', async () => {
    const told = join(folder, 'threads')
    startThrough(
      `echo "$UV_THREADPOOL_SIZE" >> ${told}; [ "$UV_THREADPOOL_SIZE" -gt 20 ] && exit 134`,
    )
    using resolver = await start([...names(100), 'localhost'])
    expect(await resolver.lookup('localhost')).not.toHaveLength(0)
    expect(readFileSync(told, 'utf8')).toBe('202\n51\n13\n')
  })

  it('starts another process for every 512 names, up to four', async () => {
    const told = join(folder, 'processes')
    startThrough(`echo "$UV_THREADPOOL_SIZE" >> ${told}`)
    for (const count of [513, 3_000]) {
      using _ = await start(names(count))
    }
    expect(readFileSync(told, 'utf8')).toBe('1024\n'.repeat(2 + 4))
  })

  it('gives glibc as long as an exchange may take', async () => {
    const told = join(folder, 'options')
    startThrough(`echo "$RES_OPTIONS" >> ${told}`)
    for (const timeoutMs of [1, 3_000, 60_000, 600_000]) {
      using _ = await start(['localhost'], timeoutMs)
    }
    expect(readFileSync(told, 'utf8')).toBe(
      [1, 1, 12, 30].map((seconds) => `timeout:${seconds} attempts:5\n`).join(''),
    )
  })

  it('withholds the inputs of the step from the child', async () => {
    const told = join(folder, 'environment')
    process.env['INPUT_HEADERS'] = 'Authorization: secret'
    startThrough(`env > ${told}`)
    using _ = await start(['localhost'])
    delete process.env['INPUT_HEADERS']
    const environment = readFileSync(told, 'utf8')
    expect(environment).toContain('UV_THREADPOOL_SIZE=4\n')
    expect(environment).not.toContain('secret')
  })
})

describe('a look-up fails, in words,', () => {
  it.each([
    ['where the process aborts', 'kill -ABRT $$'],
    ['where it ends at once', 'exit 1'],
  ])('%s', async (_, script) => {
    startThrough(script)
    using resolver = await start(['localhost'])
    await expect(resolver.lookup('localhost')).rejects.toThrow(
      'no process with threads for name look-ups can be started (ulimit -u, pids.max)',
    )
  })

  it('where there is nothing to start', async () => {
    process.execPath = join(folder, 'nothing')
    using resolver = await start(['localhost'])
    await expect(resolver.lookup('localhost')).rejects.toThrow('no process with threads')
  })

  it('where the process has just died, however many are asked of it', async () => {
    const told = join(folder, 'pid')
    startThrough(`echo $$ > ${told}`)
    const hosts = names(3)
    const resolver = makeResolver(hosts, 3_000)
    await resolver.ready()
    killNow(Number(readFileSync(told, 'utf8')))
    const failures = await Promise.allSettled(hosts.map((host) => resolver.lookup(host)))
    expect(failures.map((failure) => String('reason' in failure && failure.reason))).toEqual(
      Array(3).fill(expect.stringContaining('the process for name look-ups ended')),
    )
  })

  it('where the process has ended, until another is ready', async () => {
    startThrough('(sleep 0.3; kill -9 $$) &')
    using resolver = await start(['localhost'])
    const failure = await untilRejected(() => resolver.lookup('localhost'))
    expect(String(failure)).toContain('the process for name look-ups ended')
    process.execPath = node
    await resolver.ready()
    expect(await resolver.lookup('localhost')).not.toHaveLength(0)
  })
})

/** Blocks until a child is dead, before this process hears of it. */
function killNow(pid: number): void {
  process.kill(pid, 'SIGKILL')
  const until = performance.now() + 10_000
  while (performance.now() < until) {
    if (/^Z/.test(execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }))) return
  }
}

async function untilRejected(ask: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      await ask()
    } catch (error) {
      return error
    }
  }
}

process.on('exit', () => rmSync(folder, { recursive: true }))
