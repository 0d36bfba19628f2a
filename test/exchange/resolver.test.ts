import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { makeResolver, type Resolver } from '../../src/exchange/resolver.ts'

const node = process.execPath
const folder = mkdtempSync(join(tmpdir(), 'htfifo-gate-resolver-'))
afterEach(() => runThrough(node))
afterAll(() => rmSync(folder, { recursive: true }))

/** Makes a path the program that children are started with. */
function runThrough(path: string): void {
  process.execPath = path
}

/** Makes a shell script the program that children are started with; returns the path of a file for what it tells. */
function startThrough(script: (told: string) => string): string {
  const path = join(folder, `node-${Math.random()}`)
  writeFileSync(path, `#!/bin/sh\n${script(`${path}.told`)}\nexec "${node}" "$@"\n`)
  chmodSync(path, 0o755)
  runThrough(path)
  return `${path}.told`
}

/** Makes a child that answers each host by this code. */
const answerWith = (code: string) =>
  startThrough(() => {
    const path = join(folder, 'child.cjs')
    writeFileSync(path, `process.on('message', (host) => { ${code} }); process.send('ready')`)
    return `exec "${node}" ${path}`
  })

/** A resolver that is ready, until the end of the test. */
async function start(hosts: readonly string[], timeoutMs = 3_000): Promise<Resolver & Disposable> {
  const resolver = makeResolver(hosts, timeoutMs)
  await resolver.ready()
  return { ...resolver, [Symbol.dispose]: resolver.end }
}

/** Starts a resolver for each of the options, side by side, and ends them. */
async function startEach(options: readonly (readonly [number, number])[]): Promise<void> {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.invalid`)
  const all = await Promise.all(options.map(([count, timeoutMs]) => start(names(count), timeoutMs)))
  for (const resolver of all) resolver.end()
}

/** The lines of a file, in order. */
const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n').sort()

describe('a lookup', () => {
  it('finds the addresses of a name of the hosts file', async () => {
    using resolver = await start(['localhost'])
    const found = await resolver.lookup('localhost')
    expect(found).toContainEqual({ address: '127.0.0.1', family: 4 })
  })

  it('gives each address once, an IPv4 address in its IPv6 form as that IPv4 address', async () => {
    answerWith(`process.send({ host, addresses: [
      { address: '::ffff:127.0.0.1', family: 6 }, { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 }, { address: '::1', family: 6 } ] })`)
    using resolver = await start(['kv01'])
    expect(await resolver.lookup('kv01')).toEqual([
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
  })

  it('is made once for those who ask at the same time, and anew later', async () => {
    answerWith(`globalThis.asked = (globalThis.asked ?? 0) + 1
      process.send({ host, addresses: [{ address: '127.0.0.' + asked, family: 4 }] })`)
    using resolver = await start(['kv01'])
    const ask = () => resolver.lookup('kv01').then(([found]) => found?.address)
    expect(await Promise.all([ask(), ask()])).toEqual(['127.0.0.1', '127.0.0.1'])
    expect(await ask()).toBe('127.0.0.2')
  })

  it('fails with the code and the words of the system', async () => {
    answerWith(
      `process.send({ host, code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND ' + host })`,
    )
    using resolver = await start(['kv01'])
    await expect(resolver.lookup('kv01')).rejects.toMatchObject({
      code: 'ENOTFOUND',
      message: 'getaddrinfo ENOTFOUND kv01',
    })
  })
})

describe('the process for lookups', () => {
  it('is not started where every host is an address', async () => {
    runThrough(join(folder, 'nothing'))
    using resolver = await start(['127.0.0.1', '[::1]', '::1'])
    await expect(resolver.lookup('kv01')).rejects.toThrow(
      'the process for DNS lookups was not started',
    )
  })

  it('has two threads for each name, within the limits of libuv', async () => {
    const told = startThrough((path) => `echo "$UV_THREADPOOL_SIZE" >> ${path}`)
    await startEach([1, 100, 600].map((count) => [count, 3_000]))
    expect(linesOf(told)).toEqual(['1024', '200', '4'])
  })

  it('has glibc try for as long as an exchange may take, and keeps other options', async () => {
    const told = startThrough(
      (path) => `RES_OPTIONS="x $RES_OPTIONS"; echo "$RES_OPTIONS" >> ${path}`,
    )
    await startEach([1, 3_000, 60_000, 600_000].map((timeoutMs) => [1, timeoutMs]))
    expect(linesOf(told)).toEqual([1, 1, 12, 30].map((tryS) => `x timeout:${tryS} attempts:5`))
  })

  it('gets neither inputs, tokens nor options that are meant for the gate', async () => {
    const withheld = ['INPUT_HEADERS', 'ACTIONS_RUNTIME_TOKEN', 'GITHUB_TOKEN', 'NODE_OPTIONS']
    const before = process.env
    process.env = {
      ...before,
      ...Object.fromEntries(withheld.map((name) => [name, '--no-warnings'])),
    }
    const told = startThrough((path) => `env > ${path}`)
    using _ = await start(['localhost'])
    process.env = before
    const names = linesOf(told).map((line) => line.split('=')[0])
    expect(names).toContain('PATH')
    expect(names.filter((name) => withheld.includes(name ?? ''))).toEqual([])
  })

  it.each([
    ['is missing', () => runThrough(join(folder, 'nothing')), /\(spawn .*ENOENT\)$/],
    ['is not allowed', () => runThrough(folder), /\(spawn .*EACCES\)$/],
    ['ends at once', () => startThrough(() => 'exit 7'), /\(7 while it made 4 threads: ulimit -u/],
    ['aborts', () => startThrough(() => 'kill -ABRT $$'), /\(SIGABRT while it made 4 threads/],
  ])('is told with its own error where it %s', async (_, arrange, words) => {
    arrange()
    using resolver = await start(['localhost'])
    const failure = await resolver.lookup('localhost').catch(String)
    expect(failure).toMatch(/^ExchangeError: the process for DNS lookups cannot be started /)
    expect(failure).toMatch(words)
  })

  it('fails what waits for it when it dies, and what comes after, until another is ready', async () => {
    answerWith('process.exit()')
    using resolver = await start(['kv01', 'kv02'])
    const failures = await Promise.allSettled(['kv01', 'kv02'].map(resolver.lookup))
    failures.push(...(await Promise.allSettled([resolver.lookup('kv01')])))
    const ended = { reason: { status: 'dns', message: 'the process for DNS lookups ended' } }
    expect(failures).toMatchObject([ended, ended, ended])
    runThrough(node)
    await resolver.ready()
    expect(await resolver.lookup('localhost')).not.toHaveLength(0)
  })

  it('is ended although it ignores signals and hangs, and what it was asked never settles', async () => {
    const told = startThrough((path) => `echo $$ > ${path}`)
    const { lookup, end, ready } = await start(['localhost'])
    let settled = 0
    lookup('kv01.invalid')
      .finally(() => settled++)
      .catch(() => undefined)
    end()
    await ready()
    await expect.poll(() => isRunning(Number(readFileSync(told, 'utf8')))).toBe(false)
    expect(settled).toBe(0)
  })

  it('is ended while it starts', async () => {
    startThrough(() => 'exec sleep 60')
    const resolver = makeResolver(['localhost'], 3_000)
    const ready = resolver.ready()
    resolver.end()
    await ready
    await expect(resolver.lookup('localhost')).rejects.toThrow('cannot be started')
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
