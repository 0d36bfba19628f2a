import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../src/canary/call.ts'
import { ok } from '../../src/canary/queue.ts'
import { MAX_ANSWER_BYTES } from '../../src/canary/sqs-answers.ts'
import { type Authority, makeAuthority } from '../support/certificates.ts'
import { failureOf, json, open, raw, refuse, serveSqs } from './support/sqs-server.ts'

const NEVER = new AbortController().signal
const URL_ELSEWHERE = 'http://elsewhere.invalid:1/c.fifo'
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const now = () => performance.now()

describe('each call', () => {
  const message = { Body: 'g/0', MD5OfBody: md5('g/0'), MessageId: 'm', ReceiptHandle: 'r' }

  it('asks for what the canary needs, and reads the answer', async () => {
    await using server = await serveSqs({
      GetQueueUrl: json({ QueueUrl: URL_ELSEWHERE }),
      CreateQueue: json({ QueueUrl: URL_ELSEWHERE }),
      ListQueueTags: json({ Tags: { 'htfifo-gate-canary': 'run-1' } }),
      GetQueueAttributes: json({
        Attributes: { PartitionCount: '4', CreatedTimestamp: '1700000000' },
      }),
      SendMessage: json({ MessageId: 'm', MD5OfMessageBody: md5('g/0') }),
      ReceiveMessage: json({ Messages: [{ ...message, Attributes: { MessageGroupId: 'g' } }] }),
      DeleteMessage: json({}),
      DeleteQueue: json({}),
    })
    const node = open(server.url)
    const settings = { name: 'c.fifo', partitions: 4, tags: { 'htfifo-gate-canary': 'run-1' } }
    const given = { body: 'g/0', group: 'g', receipt: 'r' }
    expect(await node.find('c.fifo', NEVER)).toEqual(ok(URL_ELSEWHERE))
    expect(await node.create(settings, NEVER)).toEqual(ok(URL_ELSEWHERE))
    expect(await node.tags(URL_ELSEWHERE, NEVER)).toEqual(ok({ 'htfifo-gate-canary': 'run-1' }))
    expect(await node.describe(URL_ELSEWHERE, NEVER)).toEqual(
      ok({ partitions: 4, createdAt: 1_700_000_000_000 }),
    )
    expect(await node.send(URL_ELSEWHERE, { group: 'g', id: 'i', body: 'g/0' }, NEVER)).toEqual(
      ok(null),
    )
    expect(await node.receive(URL_ELSEWHERE, NEVER)).toEqual(ok([given]))
    expect(await node.remove(URL_ELSEWHERE, given, NEVER)).toEqual(ok(null))
    expect(await node.drop(URL_ELSEWHERE, NEVER)).toEqual(ok(null))
    const QueueUrl = URL_ELSEWHERE
    expect(server.requests.map(({ operation, body }) => [operation, body])).toEqual([
      ['GetQueueUrl', { QueueName: 'c.fifo' }],
      [
        'CreateQueue',
        {
          QueueName: 'c.fifo',
          Attributes: {
            FifoQueue: 'true',
            PartitionCount: '4',
            FifoThroughputLimit: 'perMessageGroupId',
            DeduplicationScope: 'messageGroup',
          },
          tags: { 'htfifo-gate-canary': 'run-1' },
        },
      ],
      ['ListQueueTags', { QueueUrl }],
      ['GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }],
      [
        'SendMessage',
        { QueueUrl, MessageBody: 'g/0', MessageGroupId: 'g', MessageDeduplicationId: 'i' },
      ],
      // Without WaitTimeSeconds: a short poll.
      [
        'ReceiveMessage',
        { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['MessageGroupId'] },
      ],
      ['DeleteMessage', { QueueUrl, ReceiptHandle: 'r' }],
      ['DeleteQueue', { QueueUrl }],
    ])
  })

  it('goes to the node itself, with its base path, over a connection of its own', async () => {
    await using server = await serveSqs(json({}))
    const node = open(`${server.url}/base`)
    for (let count = 0; count < 3; count++) await node.drop(URL_ELSEWHERE, NEVER)
    expect(server.requests.map(({ path }) => path)).toEqual(['/base/', '/base/', '/base/'])
    expect(server.requests[0]?.headers).toMatchObject({
      host: `127.0.0.1:${server.port}`,
      connection: 'close',
    })
    expect(server.requests[0]?.headers['user-agent']).toMatch(/^htfifo-gate\/\d/)
    expect(server.connections()).toBe(3)
  })

  it('goes to an IPv6 address', async () => {
    await using server = await serveSqs(json({}), undefined, '::1')
    expect(await open(server.url).drop(URL_ELSEWHERE, NEVER)).toEqual(ok(null))
    expect(server.requests[0]?.headers.host).toBe(`[::1]:${server.port}`)
  })

  it('looks names up as it is told to', async () => {
    await using server = await serveSqs(json({}))
    const names: string[] = []
    const lookup: LookupFunction = (name, { all }, callback) => {
      names.push(name)
      if (all) callback(null, [{ address: '127.0.0.1', family: 4 }])
      else callback(null, '127.0.0.1', 4)
    }
    const node = open(`http://node.invalid:${server.port}`, { lookup })
    expect(await node.drop(URL_ELSEWHERE, NEVER)).toEqual(ok(null))
    expect(names).toEqual(['node.invalid'])
  })

  it('signs with the credentials and the region of the inputs', async () => {
    await using server = await serveSqs(json({}))
    const credentials = { accessKeyId: 'AKIDOFTHETEST', secretAccessKey: 'a secret of the test' }
    await open(server.url, { region: 'eu-west-9', credentials }).drop(URL_ELSEWHERE, NEVER)
    await open(server.url).drop(URL_ELSEWHERE, NEVER)
    const [signed, unsigned] = server.requests.map(({ headers }) => headers)
    expect(signed?.authorization).toMatch(
      /Credential=AKIDOFTHETEST\/\d{8}\/eu-west-9\/sqs\/aws4_request/,
    )
    expect(JSON.stringify(signed)).not.toContain('a secret of the test')
    expect(unsigned?.authorization).toContain('Credential=htfifo-canary/')
    expect(signed?.['x-amz-security-token']).toBeUndefined()
  })

  it('is made once, whatever the server answers', async () => {
    for (const status of [500, 502, 503, 429]) {
      await using server = await serveSqs(refuse(status, 'ServiceUnavailable', 'later'))
      failureOf(await open(server.url).receive(URL_ELSEWHERE, NEVER))
      expect(server.requests, `${status}`).toHaveLength(1)
    }
  })

  it('finds no queue where the server says that there is none, and only then', async () => {
    for (const code of ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']) {
      await using server = await serveSqs(refuse(400, code, 'queue does not exist'))
      expect(await open(server.url).find('c.fifo', NEVER)).toEqual(ok(null))
    }
    await using other = await serveSqs(refuse(400, 'InvalidAddress', 'queue does not exist'))
    expect(failureOf(await open(other.url).find('c.fifo', NEVER)).code).toBe('InvalidAddress')
  })

  it.each([
    'http://elsewhere.invalid/orders.fifo',
    'http://elsewhere.invalid/c.fifo/orders.fifo',
    'http://elsewhere.invalid/?c.fifo',
    'c.fifo',
    '',
    null,
    42,
    { toString: 'c.fifo' },
  ])('takes no address %j, which may be that of another queue', async (address) => {
    await using server = await serveSqs(json({ QueueUrl: address }))
    const node = open(server.url)
    const settings = { name: 'c.fifo', partitions: 4, tags: {} }
    expect(failureOf(await node.find('c.fifo', NEVER))).toMatchObject({ fate: 'unknown' })
    expect(failureOf(await node.create(settings, NEVER))).toMatchObject({ fate: 'unknown' })
  })
})

describe('a refusal', () => {
  it('is told with the code and the words of the server', async () => {
    await using server = await serveSqs(refuse(403, 'SignatureDoesNotMatch', 'no match'))
    expect(failureOf(await open(server.url).tags(URL_ELSEWHERE, NEVER))).toEqual({
      code: 'SignatureDoesNotMatch',
      httpStatus: 403,
      words: 'no match',
      fate: 'refused',
    })
  })

  it('is told where the body is hostile, cut to size', async () => {
    const long = '\u202e::error::'.repeat(10_000)
    for (const body of [
      { __type: long, message: long },
      { __type: 'x', message: { toString: 1 }, $metadata: { httpStatusCode: 200 }, $fault: null },
      { __type: 'x', name: 'QueueDoesNotExist', code: 'ECONNREFUSED', stack: 'x', message: 'x' },
      { __type: 7, message: null, $response: 1 },
      [],
      {},
    ]) {
      await using server = await serveSqs(json(body, 400))
      const failure = failureOf(await open(server.url).tags(URL_ELSEWHERE, NEVER))
      expect(failure.httpStatus, JSON.stringify(body).slice(0, 80)).toBe(400)
      expect(failure.code.length).toBeLessThanOrEqual(100)
      expect(failure.words.length).toBeLessThanOrEqual(1_000)
      expect(failure.code).not.toBe('QueueDoesNotExist')
    }
  })
})

describe('an answer that cannot be read', () => {
  it.each([
    ['an HTML page', raw('<html>bad gateway</html>', 502), 'malformed', 502],
    ['a redirect', raw('', 302, { location: 'http://elsewhere.invalid/' }), 'Unknown', 302],
    ['text', raw('ok'), 'malformed', 200],
    ['half of its JSON', raw('{"Messages":['), 'malformed', 200],
  ] as const)('is told: %s', async (_, respond, code, httpStatus) => {
    await using server = await serveSqs(respond)
    const failure = failureOf(await open(server.url).receive(URL_ELSEWHERE, NEVER))
    expect(failure).toMatchObject({ code, httpStatus })
    expect(failure.words).not.toContain('$response')
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    ['a text', 'x'],
    ['a number', 7],
    ['an object', { length: 2 }],
    ['a list of nothing', [null]],
    ['a list of numbers', [1]],
    ['a message without a body', [{ ReceiptHandle: 'r' }]],
    [
      'a receipt and a group that are numbers',
      [{ Body: 'x', MD5OfBody: md5('x'), ReceiptHandle: 7, Attributes: { MessageGroupId: 9 } }],
    ],
    ['a body that is a list', [{ Body: ['g/0'], MD5OfBody: 'x' }]],
    ['a body with another checksum', [{ Body: 'g/0', MD5OfBody: md5('g/1') }]],
  ])('never counts as messages: %s', async (_, messages) => {
    await using server = await serveSqs(json({ Messages: messages }))
    const answer = await open(server.url).receive(URL_ELSEWHERE, NEVER)
    if (answer.kind === 'ok') {
      for (const { body, receipt, group } of answer.value) {
        expect([typeof body, typeof receipt, typeof (group ?? '')]).toEqual(Array(3).fill('string'))
        expect(body).not.toBe('g/0')
      }
    } else expect(answer.failure.fate).toBe('unknown')
  })

  it('is told where a send was taken with another checksum', async () => {
    await using server = await serveSqs(json({ MessageId: 'm', MD5OfMessageBody: md5('x') }))
    const message = { group: 'g', id: 'i', body: 'g/0' }
    const failure = failureOf(await open(server.url).send(URL_ELSEWHERE, message, NEVER))
    expect(failure).toMatchObject({ code: 'malformed', fate: 'unknown' })
    expect(failure.words).toMatch(/checksum/i)
  })

  it.each([200, 500])('ends where it grows too large (HTTP %i)', async (status) => {
    await using server = await serveSqs((response) => {
      response.writeHead(status)
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    })
    const failure = failureOf(await open(server.url).receive(URL_ELSEWHERE, NEVER))
    expect(failure).toMatchObject({ code: 'malformed', fate: 'unknown' })
    expect(failure.words).toContain(String(MAX_ANSWER_BYTES))
  })

  it('ends with 10 MB that tell their length', async () => {
    await using server = await serveSqs(raw(Buffer.alloc(10_000_000, 'x')))
    const failure = failureOf(await open(server.url).receive(URL_ELSEWHERE, NEVER))
    expect(failure.words).toContain(String(MAX_ANSWER_BYTES))
  })
})

describe('a connection that breaks', () => {
  it('is told: cut before the answer, and within it', async () => {
    for (const respond of [
      (response: { destroy(): void }) => response.destroy(),
      (response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-length': 100 })
        response.write('{"Messages":')
        setImmediate(() => response.destroy())
      },
    ]) {
      await using server = await serveSqs(respond)
      const failure = failureOf(await open(server.url).receive(URL_ELSEWHERE, NEVER))
      expect(failure).toMatchObject({ code: 'disconnected', fate: 'unknown' })
      expect(server.requests).toHaveLength(1)
    }
  })

  it('is told: refused, with nothing sent', async () => {
    const { port } = await serveSqs(json({})).then(async (server) => {
      await server[Symbol.asyncDispose]()
      return server
    })
    const failure = failureOf(await open(`http://127.0.0.1:${port}`).drop(URL_ELSEWHERE, NEVER))
    expect(failure).toMatchObject({ code: 'refused', httpStatus: null, fate: 'unsent' })
  })

  it('is told: not HTTP', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-x\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const failure = failureOf(await open(`http://127.0.0.1:${port}`).drop(URL_ELSEWHERE, NEVER))
    server.close()
    expect(failure).toMatchObject({ code: 'protocol', fate: 'unknown' })
  })
})

describe('a node that hangs', () => {
  it.each([
    ['before the answer', () => undefined],
    [
      'within the headers',
      (response: import('node:http').ServerResponse) =>
        response.socket?.write('HTTP/1.1 200 OK\r\nContent-'),
    ],
    [
      'within the body',
      (response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-length': 100 })
        response.write('{"Messages":')
      },
    ],
  ] as const)('%s, is given up, and its connection closed', async (_, respond) => {
    await using server = await serveSqs(respond as () => undefined)
    const node = open(server.url)
    const startedAt = now()
    const answer = await ask((signal) => node.receive(URL_ELSEWHERE, signal), {
      timeoutMs: 200,
      signal: NEVER,
      now,
    })
    expect(failureOf(answer).code).toBe('timeout')
    expect(now() - startedAt).toBeLessThan(1_000)
    await expect.poll(() => server.sockets.size, { timeout: 2_000 }).toBe(0)
  })
})

describe('over TLS', () => {
  let authority: Authority
  beforeAll(() => {
    authority = makeAuthority('htfifo canary test')
  })
  afterAll(() => authority.remove())

  const answer = json({})

  it('trusts the given authority, and no other', async () => {
    const { certificate: cert, key } = authority.issue('IP:127.0.0.1')
    await using server = await serveSqs(answer, { cert, key })
    const trusting = open(server.url, {
      secure: () => createSecureContext({ ca: authority.certificate }),
    })
    expect(await trusting.drop(URL_ELSEWHERE, NEVER)).toEqual(ok(null))
    const failure = failureOf(await open(server.url).drop(URL_ELSEWHERE, NEVER))
    expect(failure).toMatchObject({ code: 'tls', fate: 'unsent' })
    expect(server.requests).toHaveLength(1)
  })

  it('does not take a certificate for another name', async () => {
    const { certificate: cert, key } = authority.issue('DNS:elsewhere.invalid')
    await using server = await serveSqs(answer, { cert, key })
    const node = open(server.url, {
      secure: () => createSecureContext({ ca: authority.certificate }),
    })
    expect(failureOf(await node.drop(URL_ELSEWHERE, NEVER))).toMatchObject({ code: 'tls' })
    expect(server.requests).toEqual([])
  })

  it('shows the client certificate', async () => {
    const { certificate: cert, key } = authority.issue('IP:127.0.0.1')
    const client = authority.issue('DNS:client')
    const tls = {
      cert,
      key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    }
    await using server = await serveSqs(answer, tls)
    const secure = () =>
      createSecureContext({ ca: authority.certificate, cert: client.certificate, key: client.key })
    expect(await open(server.url, { secure }).drop(URL_ELSEWHERE, NEVER)).toEqual(ok(null))
    const without = open(server.url, {
      secure: () => createSecureContext({ ca: authority.certificate }),
    })
    failureOf(await without.drop(URL_ELSEWHERE, NEVER))
    expect(server.requests).toHaveLength(1)
  })
})

describe('the environment', () => {
  it('is not read: no profile, no file, no region, no endpoint, no proxy, no metadata service', async () => {
    await using server = await serveSqs(json({}))
    const trap = await serveSqs(
      json({ AccessKeyId: 'TRAP', SecretAccessKey: 'TRAP', Token: 'TRAP' }),
    )
    await using _ = trap
    const home = mkdtempSync(join(tmpdir(), 'htfifo-canary-home-'))
    const marker = join(home, 'ran')
    mkdirSync(join(home, '.aws'))
    const profile = [
      'region = trap-1',
      `endpoint_url = ${trap.url}`,
      `credential_process = touch ${marker}`,
      'retry_mode = adaptive',
      'max_attempts = 9',
      'defaults_mode = auto',
      'sdk_ua_app_id = trap',
      'use_fips_endpoint = true',
    ].join('\n')
    writeFileSync(join(home, '.aws/config'), `[default]\n${profile}\n[profile trap]\n${profile}\n`)
    writeFileSync(
      join(home, '.aws/credentials'),
      '[default]\naws_access_key_id = TRAP\naws_secret_access_key = TRAP\n',
    )
    const script = new URL('./support/one-call.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, [script, server.url], {
      env: {
        HOME: home,
        AWS_PROFILE: 'trap',
        AWS_REGION: 'trap-2',
        AWS_DEFAULT_REGION: 'trap-3',
        AWS_ACCESS_KEY_ID: 'TRAP',
        AWS_SECRET_ACCESS_KEY: 'TRAP',
        AWS_SESSION_TOKEN: 'TRAP',
        AWS_ENDPOINT_URL: trap.url,
        AWS_ENDPOINT_URL_SQS: trap.url,
        AWS_MAX_ATTEMPTS: '9',
        AWS_RETRY_MODE: 'adaptive',
        AWS_DEFAULTS_MODE: 'auto',
        AWS_SDK_UA_APP_ID: 'TRAP',
        AWS_USE_FIPS_ENDPOINT: 'true',
        AWS_USE_DUALSTACK_ENDPOINT: 'true',
        AWS_CONTAINER_CREDENTIALS_FULL_URI: trap.url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: trap.url,
        AWS_EXECUTION_ENV: 'TRAP',
        http_proxy: trap.url,
        HTTP_PROXY: trap.url,
        all_proxy: trap.url,
      },
    })
    rmSync(home, { recursive: true })
    const { answer, opened } = JSON.parse(stdout)
    expect(answer).toEqual({ kind: 'ok', value: null })
    expect(opened.filter((path: string) => path.startsWith(home))).toEqual([])
    expect(trap.connections()).toBe(0)
    expect(server.requests).toHaveLength(1)
    const headers = JSON.stringify(server.requests[0]?.headers)
    expect(headers).not.toMatch(/trap/i)
    expect(headers).toContain('us-east-1')
  })
})
