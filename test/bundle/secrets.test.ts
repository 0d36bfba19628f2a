import { randomBytes } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { makeCertificate } from '../support/certificates.ts'
import { findCommands } from '../support/commands.ts'
import { serveReplies } from '../support/hostile.ts'
import { listReply, okReply, type ReplyServer, startReplies } from '../support/replies.ts'
import { sample } from '../support/sampling.ts'
import { runTraced, type Traces } from '../support/traces.ts'

const servers: ReplyServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.close())))

const TOKEN = 't0k/en+with"all\\sorts'
const BEARER = 'abcDEF123456'
const PASSWORD = 'pa:ss/w@rd é'
const USER = 'svc-gate'

/** A secret as it is and in the encodings in which a peer or a proxy may echo it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const url = encodeURIComponent(secret)
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    url.replace(/%../g, (byte) => byte.toLowerCase()),
    [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    secret.toLowerCase(),
    url.toLowerCase(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    Buffer.from(`x-token: ${secret}\r\n`).toString('base64'),
    Buffer.from(`a: ${secret}\r\n`).toString('base64'),
    Buffer.from(`ab: ${secret}\r\n`).toString('base64url'),
  ]
}

/** A secret as a body in JSON or in HTML may hold it. */
const escapesOf = (secret: string): string[] => [
  JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/').replaceAll('+', '\\u002B'),
  secret.replace(/[^\w ]/g, (char) => `&#${char.codePointAt(0)};`),
  secret.replace(/[^\w ]/g, (char) => `&#x${char.codePointAt(0)?.toString(16)};`),
]

/** Base64 of more than the secret: what the secret alone decides must not be there. */
const core = (form: string) => form.replace(/=+$/, '').slice(0, -3)

const bodiesWith = (form: string): string[] => [
  listReply(form),
  okReply(JSON.stringify({ status: form, capabilities: [form] })),
  okReply(`{"status":"ok","capabilities":["${form}"]}`),
  okReply(form),
  okReply(`{"echo":"${form}"`),
]

/** Every way in which a peer can say something back. */
function repliesWith(form: string): string[] {
  const inHeader = form.replace(/[\r\n]/g, ' ')
  return [
    ...bodiesWith(form),
    `HTTP/1.1 302 Found\r\nLocation: http://x/?${inHeader}\r\n\r\n`,
    `HTTP/1.1 302 Found\r\nLocation: http://${inHeader}/\r\n\r\n`,
    `HTTP/1.1 302 Found\r\nLocation: /${inHeader}\r\n\r\n`,
    `HTTP/1.1 403 ${inHeader}\r\nX-Echo: ${inHeader}\r\n\r\n${form}`,
    `HTTP/1.1 200 ${inHeader}\r\nContent-Length: 0\r\n\r\n`,
    `${form}\r\n\r\n`,
  ]
}

/** Everything that a step leaves behind, without the commands that tell the runner what to mask. */
function unmasked({ all }: Traces): string {
  return all.replace(/^::add-mask::.*$/gm, '')
}

describe.each([undefined, '1'])('with RUNNER_DEBUG=%s', (debug) => {
  /** The debug log comes on top of what is told without it, so that a sample is enough there. */
  const n = debug === undefined ? 4 : 1

  it('header values that peers echo appear nowhere', async () => {
    const secrets = [TOKEN, BEARER]
    await using echoes = await serveReplies([
      ...secrets.flatMap(formsOf).flatMap(repliesWith),
      ...secrets.flatMap(escapesOf).flatMap(bodiesWith),
    ])
    const headers = `X-Token: ${TOKEN}\nAuthorization: Bearer ${BEARER}`
    const env = { RUNNER_DEBUG: debug }
    const step = await runTraced(
      { peers: echoes.peers.join('\n'), headers, timeout: '30s' },
      { env },
    )
    expect(step.code).toBe(1)
    const masks = findCommands(step.stdout).filter(({ name }) => name === 'add-mask')
    expect(masks.map(({ data }) => data)).toEqual([TOKEN, `Bearer ${BEARER}`])
    const text = unmasked(step)
    const lower = text.toLowerCase()
    for (const secret of secrets) {
      for (const form of [...formsOf(secret), ...escapesOf(secret)]) {
        expect(lower).not.toContain(form.toLowerCase())
      }
      const shifted = formsOf(secret).filter((form) => form.length > secret.length * 1.5)
      for (const form of shifted.filter((shown) => /^[\w+/=-]+$/.test(shown))) {
        expect(text).not.toContain(core(form).slice(-12))
      }
    }
    expect(step.summary).toContain('***')
    expect(step.reportFile).toContain('***')
  })

  it.each(sample(n, [3_072, 65_536]))(
    'a value of %i characters, which peers echo',
    async (length) => {
      const token = randomBytes(length).toString('base64').slice(0, length)
      const headers = `Authorization: Bearer ${token}`
      const healthy = await startReplies(() => listReply('htfifo'))
      servers.push(healthy)
      const env = { RUNNER_DEBUG: debug }
      const open = await runTraced({ peers: healthy.address, headers }, { env })
      expect(open).toMatchObject({ code: 0, outputs: { 'all-advertise': 'true' }, stderr: '' })
      expect(unmasked(open)).not.toContain(token.slice(0, 40))

      const forms = formsOf(token)
      // Whole, and as much of it as a node may answer.
      const escapes = escapesOf(token)
      const cut = (form: string) => [form, form.slice(0, 900)]
      await using echoes = await serveReplies([
        ...forms.flatMap(cut).flatMap(repliesWith),
        ...escapes.flatMap(cut).flatMap(bodiesWith),
      ])
      const step = await runTraced(
        { peers: echoes.peers.join('\n'), headers, timeout: '30s' },
        { env },
      )
      expect(step).toMatchObject({ code: 1, stderr: '' })
      const text = unmasked(step)
      for (const form of [...forms, ...escapes]) {
        for (const start of [8, 200, 500, 860]) {
          expect(text).not.toContain(form.slice(start, start + 40))
        }
      }
      expect(step.summary).toContain('***')
      expect(step.reportFile).toContain('***')
    },
  )

  it('a peer that echoes the whole request shows no value', async () => {
    const server = await startReplies((head) => okReply(head))
    servers.push(server)
    const headers = `X-Token: ${TOKEN}\nAuthorization: Bearer ${BEARER}`
    const step = await runTraced(
      { peers: server.address, headers },
      { env: { RUNNER_DEBUG: debug } },
    )
    expect(step.reportFile).toContain('x-token: ***')
    expect(unmasked(step)).not.toContain(BEARER)
    expect(unmasked(step)).not.toContain('t0k')
  })

  it('the credentials of a proxy that echoes them appear nowhere', async () => {
    const authorization = Buffer.from(`${USER}:${PASSWORD}`).toString('base64')
    const secrets = [USER, PASSWORD, `${USER}:${PASSWORD}`, authorization]
    const forms = secrets.flatMap(formsOf)
    const replies = forms.flatMap(repliesWith)
    const seen = new Set<string | undefined>()
    let turn = 0
    const proxy = await startReplies((head) => {
      seen.add(/^proxy-authorization: (.*)$/im.exec(head)?.[1]?.trim())
      return replies[turn++] ?? ''
    })
    const peers = replies.map((_, index) => `http://peer-${index}.invalid:9324`).join('\n')
    const url = `http://${USER}:${encodeURIComponent(PASSWORD)}@${proxy.address}`
    const env = { http_proxy: url, RUNNER_DEBUG: debug }
    const step = await runTraced({ peers, timeout: '30s' }, { env })
    await proxy.close()
    expect(step.code).toBe(1)
    expect(turn).toBe(replies.length)
    expect([...seen]).toEqual([`Basic ${authorization}`])
    const text = unmasked(step)
    for (const form of forms) expect(text).not.toContain(form)
    expect(step.summary).toContain('***')
  })

  it('a proxy that cannot be used is told without its credentials', async () => {
    for (const url of sample(n, [
      `ftp://${USER}:hunter2@127.0.0.1:1`,
      `http://${USER}:hunter2@127.0.0.1:1`,
      `${USER}:hunter2@127.0.0.1:99999`,
    ])) {
      const env = { http_proxy: url, https_proxy: url, RUNNER_DEBUG: debug }
      const peers = 'http://a.invalid\nhttps://b.invalid'
      const step = await runTraced({ peers, timeout: '5s' }, { env })
      expect(step.code).toBe(1)
      expect(unmasked(step)).not.toMatch(/hunter2|svc-gate/)
    }
  })

  it('a client key appears nowhere, right or wrong', async () => {
    const [one, two] = [makeCertificate('one'), makeCertificate('two')]
    const lines = one.key.split('\n').filter((line) => line !== '' && !line.startsWith('-'))
    const server = await startReplies(() => listReply())
    servers.push(server)
    for (const inputs of sample<Record<string, string>>(n, [
      { 'client-certificate': one.certificate, 'client-key': one.key },
      { 'client-certificate': two.certificate, 'client-key': one.key },
      { 'client-key': one.key },
      { 'client-key': lines.join('') },
      { 'client-key': lines.join('\n') },
      { 'client-certificate': one.key },
      { 'ca-certificate': one.certificate + one.key },
      { 'client-certificate': one.certificate, 'client-key': one.key.replace('A', '!') },
    ])) {
      const env = { RUNNER_DEBUG: debug }
      const step = await runTraced({ peers: server.address, ...inputs }, { env })
      expect(step.code).toBe(1)
      for (const line of lines) expect(step.all).not.toContain(line.slice(0, 24))
    }
  })

  it('a line of headers that is no header is not shown', async () => {
    const headers = `X-Good: ${BEARER}\n${BEARER} ${TOKEN}\nHost: ${BEARER}\nX-Bad: ${BEARER}é`
    const step = await runTraced(
      { peers: '127.0.0.1:1', headers },
      { env: { RUNNER_DEBUG: debug } },
    )
    expect(step.code).toBe(1)
    expect(unmasked(step)).not.toMatch(/abcDEF|t0k/)
  })
})
