import { beforeAll, describe, expect, it } from 'vitest'
import { runStep, type Step } from '../../sample/runner.ts'
import type { Report } from '../../src/report/json.ts'
import type { Status } from '../../src/shared/status.ts'
import { preload } from '../support/preload.ts'
import { trackProcess } from '../support/process.ts'
import { annotationsOf, reportOf } from '../support/rows.ts'
import {
  answering,
  type Behaviour,
  GOOD,
  holding,
  makeIdentity,
  reply,
  resetting,
  serve,
  serveNoSyn,
} from '../support/servers.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const silent: Behaviour = () => undefined
const json = (value: unknown) => answering(reply(JSON.stringify(value)))
const plain = (body: string) => answering(reply(body))
const answer = (line: string, rest = '') =>
  answering(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\n${rest}\r\n`)

interface Expected {
  readonly status: Status
  readonly error: string | RegExp
  readonly httpStatus?: number | null
  readonly capabilities?: readonly string[] | null
}

/** The step is closed, tells it once, and its report says exactly this of the one peer. */
function expectClosed(step: Step, address: string, url: string, expected: Expected): void {
  const { status, error, httpStatus = null, capabilities = null } = expected
  expect(reportOf(step)).toEqual({
    version: 1,
    capability: 'htfifo',
    verdict: 'closed',
    problems: [],
    membership: null,
    checkedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    durationMs: expect.any(Number),
    rounds: 1,
    peersOmitted: 0,
    peers: [
      {
        name: 'n1',
        address,
        url,
        advertises: false,
        status,
        capabilities,
        httpStatus,
        latencyMs: expect.any(Number),
        error: typeof error === 'string' ? error : expect.stringMatching(error),
      },
    ],
  })
  expect(step.code).toBe(1)
  expect(step.stderr).toBe('')
  expect(step.outputs).toMatchObject({
    'all-advertise': 'false',
    'peer-count': '1',
    'advertising-count': '0',
    'blocking-peers': '["n1"]',
    rounds: '1',
  })
  const annotations = annotationsOf(step)
  expect(annotations).toHaveLength(1)
  expect(annotations[0]).toContain(`n1: ${status}: `)
}

/** What a node answers, and what is told of it. */
const ANSWERS: readonly (readonly [string, Behaviour, Expected])[] = [
  [
    'without the capability',
    json({ status: 'ok', capabilities: ['HTFIFO'] }),
    { status: 'missing-capability', error: '', httpStatus: 200, capabilities: ['HTFIFO'] },
  ],
  [
    'of a binary from before the list',
    plain('ok\n'),
    { status: 'legacy', error: /^plain text "ok"/, httpStatus: 200 },
  ],
  [
    'of a node that is not ok',
    json({ status: 'draining', capabilities: ['htfifo'] }),
    {
      status: 'unhealthy',
      error: 'status is "draining", expected "ok"',
      httpStatus: 200,
      capabilities: ['htfifo'],
    },
  ],
  [
    'that is no JSON',
    plain('<html>'),
    { status: 'malformed', error: /^malformed JSON: .*<html>/, httpStatus: 200 },
  ],
  [
    'that is empty',
    plain(''),
    { status: 'malformed', error: /^malformed JSON: /, httpStatus: 200 },
  ],
  [
    'of 1,025 bytes',
    plain(GOOD.trim().padEnd(1_025)),
    { status: 'too-large', error: /^malformed JSON: .*1024 bytes$/, httpStatus: 200 },
  ],
  [
    'that redirects',
    answer('302 Found', 'Location: http://127.0.0.1:1/sqs_health\r\n'),
    {
      status: 'redirect',
      error: 'HTTP 302 redirects to http://127.0.0.1:1/sqs_health; redirects are not followed',
      httpStatus: 302,
    },
  ],
  [
    'that is a 404',
    answer('404 Not Found'),
    { status: 'http-error', error: 'HTTP 404, expected 200', httpStatus: 404 },
  ],
  [
    'that is a 204',
    answer('204 No Content'),
    { status: 'http-error', error: 'HTTP 204, expected 200', httpStatus: 204 },
  ],
  [
    'that is a 503',
    answer('503 Not Leader'),
    { status: 'http-error', error: 'HTTP 503, expected 200', httpStatus: 503 },
  ],
  [
    'that is cut',
    answering(`${OK}Content-Length: 9\r\n\r\n`),
    { status: 'disconnected', error: /^the connection was cut before the answer was complete/ },
  ],
  ['that is reset', resetting(''), { status: 'disconnected', error: /ECONNRESET/ }],
  [
    'that is not HTTP',
    answering('SSH-2.0-OpenSSH_9.9\r\n'),
    { status: 'protocol', error: /^what came back is not HTTP\/1\.1 .*SSH-2\.0/ },
  ],
  [
    'with a head of 20,000 bytes',
    answering(reply(GOOD, `${OK}X: ${'x'.repeat(20_000)}\r\n`)),
    { status: 'protocol', error: /^the response headers are too large/ },
  ],
]

/** What is behind https, and what is told of it. */
const SECURE: readonly (readonly [string, Behaviour, RegExp])[] = [
  [
    'a plain port',
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    /^the port does not speak TLS/,
  ],
  [
    'a handshake that the peer refuses',
    (socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))),
    /handshake failure/i,
  ],
]

/** What a node does until the time limit, and the phase that is told. */
const SLOW: readonly (readonly [phase: string, scheme: string, Behaviour])[] = [
  ['response headers', 'http', silent],
  ['response headers', 'http', holding(`${OK}Content-Length: 42\r\n`)],
  ['body', 'http', holding(reply(GOOD, `${OK}Content-Length: 43\r\n`))],
  ['body', 'http', holding(reply(GOOD, OK))],
  ['TLS handshake', 'https', silent],
]

/** Polls peers together, all of which close the gate. Resolves to the rows of the report, in their order. */
async function pollTogether(peers: readonly string[], timeout: string): Promise<Report['peers']> {
  const step = await runStep({ peers: peers.join('\n'), timeout })
  expect(step.code).toBe(1)
  expect(step.outputs).toMatchObject({ 'all-advertise': 'false', 'advertising-count': '0' })
  expect(annotationsOf(step)).toHaveLength(1)
  return reportOf(step).peers
}

describe('polled together', () => {
  let rows: Report['peers']
  beforeAll(async () => {
    await using servers = new AsyncDisposableStack()
    const start = async (behave: Behaviour) => servers.use(await serve(behave)).address
    const peers: string[] = []
    for (const [, behave] of ANSWERS) peers.push(await start(behave))
    for (const [, behave] of SECURE) peers.push(`https://${await start(behave)}`)
    rows = await pollTogether(peers, '20s')
  })

  it.each(ANSWERS.map(([what, , expected], index) => [what, expected, index] as const))(
    'an answer %s',
    (_, { status, error, httpStatus = null, capabilities = null }, index) => {
      expect(rows[index]).toMatchObject({ status, httpStatus, capabilities, advertises: false })
      if (typeof error === 'string') expect(rows[index]?.error).toBe(error)
      else expect(rows[index]?.error).toMatch(error)
    },
  )

  it.each(SECURE.map(([what, , error], index) => [what, error, ANSWERS.length + index] as const))(
    '%s behind https is tls',
    (_, error, index) => {
      expect(rows[index]).toMatchObject({ status: 'tls', httpStatus: null, advertises: false })
      expect(rows[index]?.error).toMatch(error)
    },
  )
})

it('a time-out names the limit and the phase', async () => {
  await using servers = new AsyncDisposableStack()
  const peers = [servers.use(await serveNoSyn()).address]
  for (const [, scheme, behave] of SLOW)
    peers.push(`${scheme}://${servers.use(await serve(behave)).address}`)
  const rows = await pollTogether(peers, '3s')
  expect(rows.map(({ status, error }) => [status, error])).toEqual(
    ['connect', ...SLOW.map(([phase]) => phase)].map((phase) => [
      'timeout',
      `timed out after 3s (phase: ${phase})`,
    ]),
  )
})

it('an answer of 1,024 bytes opens the gate', async () => {
  await using peer = await serve(plain(GOOD.trim().padEnd(1_024)))
  const step = await runStep({ peers: `n1=${peer.address}`, timeout: '20s' })
  expect(step.code).toBe(0)
  expect(annotationsOf(step)).toEqual([])
  expect(step.outputs['all-advertise']).toBe('true')
  expect(reportOf(step).peers).toEqual([
    {
      name: 'n1',
      address: peer.address,
      url: `http://${peer.address}/sqs_health`,
      advertises: true,
      status: 'advertises',
      capabilities: ['htfifo'],
      httpStatus: 200,
      latencyMs: expect.any(Number),
      error: '',
    },
  ])
})

it('a port on which nothing listens is refused', async () => {
  const { address, ...peer } = await serve(silent)
  await peer[Symbol.asyncDispose]()
  const step = await runStep({ peers: `n1=${address}` })
  expectClosed(step, address, `http://${address}/sqs_health`, {
    status: 'refused',
    error: `connection refused (connect ECONNREFUSED ${address})`,
  })
})

it.each([
  ['is not there', '/nonexistent/node', 'ENOENT'],
  ['may not be run', import.meta.filename, 'EACCES'],
])('a program for lookups that %s is dns, with its own error', async (_, program, code) => {
  const { env, remove } = preload(`process.execPath = '${program}'`)
  const step = await runStep({ peers: 'n1=localhost:1' }, { env })
  remove()
  expectClosed(step, 'localhost:1', 'http://localhost:1/sqs_health', {
    status: 'dns',
    error: `the process for DNS lookups cannot be started (spawn ${program} ${code})`,
  })
})

it('a name that does not exist is dns', async () => {
  const step = await runStep({ peers: 'n1=nowhere.invalid:1', timeout: '50s' })
  expectClosed(step, 'nowhere.invalid:1', 'http://nowhere.invalid:1/sqs_health', {
    status: 'dns',
    error: /E(NOTFOUND|AI_AGAIN) nowhere\.invalid/,
  })
})

it('a certificate that is not trusted is tls', async () => {
  await using peer = await serve(answering(reply(GOOD)), { tls: makeIdentity() })
  const base = `https://${peer.address}`
  const step = await runStep({ peers: `n1=${base}`, timeout: '20s' })
  expectClosed(step, base, `${base}/sqs_health`, {
    status: 'tls',
    error: /^the certificate is self-signed and not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT: /,
  })
})

it('a run that is cancelled is cancelled for its peers', async () => {
  const gate = trackProcess()
  await using peer = await serve(() => gate.kill('SIGINT'))
  const step = await runStep({ peers: `n1=${peer.address}`, timeout: '50s' }, gate)
  expectClosed(step, peer.address, `http://${peer.address}/sqs_health`, {
    status: 'cancelled',
    error: /^the run was cancelled \(phase: (connect|response headers)\)$/,
  })
})
