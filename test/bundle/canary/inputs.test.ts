import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { startClusterWith } from '../../../sample/raft-cluster.ts'
import { runStep } from '../../../sample/runner.ts'
import {
  annotationOf,
  canaryReportOf,
  checkCanaryEnd,
  QUEUE,
  reasonsOf,
  runCanary,
  startNodes,
  watchCalls,
} from '../../support/canary.ts'
import { findCommands } from '../../support/commands.ts'
import { startReplies } from '../../support/replies.ts'
import { runTraced } from '../../support/traces.ts'

describe('bad input', () => {
  it.concurrent('is told all at once, and nothing is asked', async () => {
    await using cluster = await startNodes()
    const { calls } = watchCalls(cluster)
    const map = 'orders.fifo:2=1,1'
    const step = await runCanary(cluster, {
      queue: 'canary',
      partitions: '3',
      messages: '1',
      limit: '10',
      region: 'us east',
      'partition-map': map,
      'require-spread': 'true',
      'access-key-id': 'AKIDEXAMPLE',
      'raft-port': '0',
      'expected-peers': '2',
      wait: '1m',
      headers: 'A: b',
      'stable-rounds': '2',
      interval: '1s',
      patitions: '4',
    })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({
      proven: 'false',
      step: 'inputs',
      'queue-left': 'false',
      placement: 'not-checked',
    })
    const words = canaryReportOf(step).problems.map(({ words }) => words)
    const named = words.map((text) => text.split(':')[0])
    expect(named.sort()).toEqual(
      [
        ...[
          'expected-peers',
          'headers',
          'interval',
          'limit',
          'messages',
          'partitions',
          'patitions',
        ],
        ...['queue', 'raft-port', 'region', 'require-spread', 'secret-access-key'],
        ...['stable-rounds', 'wait'],
      ].sort(),
    )
    expect(words.join()).toContain('the nearest is "partitions"')
    expect(canaryReportOf(step)).toMatchObject({
      gate: null,
      queue: null,
      run: null,
      partitions: [],
    })
    expect(step.summary).toContain('Nothing was created.')
    expect(annotationOf(step)).toContain('at the step inputs: the inputs are wrong')
    expect(step.summary + step.outputs['report']).not.toContain('AKIDEXAMPLE')
    expect(calls).toEqual([])
  })

  it.concurrent.each<readonly [Readonly<Record<string, string>>, readonly string[]]>([
    [
      {
        peers: '',
        'raft-port': '',
        messages: '101',
        partitions: '64',
        'secret-access-key': 'sEcReTsEcReT',
        'client-key': 'x',
      },
      [
        'peers: found no peers',
        'raft-port: found an empty value',
        'messages: found "101"',
        'partitions: found "64", expected a power of two from 2 to 32',
        'access-key-id: found none, expected one, because secret-access-key is given',
        'client-',
      ],
    ],
    [
      { 'partition-map': 'orders.fifo:2=1,1', partitions: '1' },
      [
        'queue: found "htfifo-canary.fifo", expected a queue of partition-map',
        'partitions: found "1"',
      ],
    ],
    [
      { 'partition-map': `${QUEUE}:2=1,1`, partitions: '4' },
      ['partitions: found 4, expected 2 as in partition-map'],
    ],
  ])('of %j', async (inputs, expected) => {
    const step = await runStep({ peers: '127.0.0.1:1', ...inputs }, { action: 'canary' })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs['step']).toBe('inputs')
    const words = canaryReportOf(step).problems.map((problem) => problem.words)
    for (const start of expected) expect(words.some((text) => text.startsWith(start))).toBe(true)
    const told = step.stdout.replace(/^::add-mask::.*$/gm, '') + step.summary
    expect(told + step.outputs['report']).not.toContain('sEcReTsEcReT')
  })

  it.concurrent('a proxy for a node is one, and one for nobody is none', async () => {
    await using cluster = await startNodes()
    const { calls } = watchCalls(cluster)
    const proxied = { http_proxy: 'http://user:pAsSwOrD@127.0.0.1:1' }
    const step = await runTraced(
      { peers: 'http://proxied.invalid:9324' },
      { action: 'canary', env: proxied },
    )
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs['step']).toBe('inputs')
    expect(annotationOf(step)).toMatch(
      /the canary asks nodes directly: add their hosts to no_proxy/,
    )
    expect(step.all.replace(/^::add-mask::.*$/gm, '')).not.toContain('pAsSwOrD')
    expect(calls).toEqual([])
    // The loopback never goes through a proxy.
    expect(checkCanaryEnd(await runCanary(cluster, {}, { env: proxied }))).toBe('proven')
  })
})

describe('a gate that is closed', () => {
  it.concurrent('creates nothing, and the verdict is that of the gate', async () => {
    await using cluster = await startNodes()
    await cluster.join('listing')
    const { calls } = watchCalls(cluster)
    const step = await runCanary(cluster)
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs).toMatchObject({
      step: 'gate',
      'queue-left': 'false',
      placement: 'not-checked',
    })
    expect(reasonsOf(step)).toEqual(['gate-closed'])
    expect(canaryReportOf(step)).toMatchObject({
      gate: { verdict: 'closed' },
      queue: QUEUE,
      run: null,
    })
    expect(annotationOf(step)).toMatch(/at the step gate: the gate is closed\.\n.*CLOSED.*1 of 4/)
    expect(step.stdout).toMatch(/^✗ n4 .*missing-capability/m)
    expect(calls).toEqual([])
  })

  it.concurrent('because a member is not in the list creates nothing', async () => {
    const cluster = await startClusterWith({ apart: true }, 'ready', 'ready', 'ready')
    await using _ = { [Symbol.asyncDispose]: () => cluster.close() }
    const { calls } = watchCalls(cluster)
    const nodeMap = cluster.nodeMap.split(',').slice(0, 2).join()
    const step = await runCanary({ nodeMap }, { 'raft-port': cluster.raftPorts })
    expect(checkCanaryEnd(step)).toBe('not proven')
    expect(step.outputs['step']).toBe('gate')
    expect(canaryReportOf(step).gate).toMatchObject({ membership: { state: 'incomplete' } })
    expect(calls).toEqual([])
  })
})

describe('what cannot be written', () => {
  it.concurrent('outputs: not proven, though the queue is gone', async () => {
    await using cluster = await startNodes()
    for (const path of ['/nowhere/output', tmpdir()]) {
      const step = await runCanary(cluster, {}, { env: { GITHUB_OUTPUT: path } })
      expect(step.code).toBe(1)
      expect(findCommands(step.stdout).filter(({ name }) => name === 'error')).toHaveLength(1)
      expect(step.stderr).toBe('')
      expect(cluster.queues.size).toBe(0)
    }
  })

  it.concurrent('summary and report file: warnings, and proven', async () => {
    await using cluster = await startNodes()
    const env = { GITHUB_STEP_SUMMARY: '/nowhere/summary', RUNNER_TEMP: '/nowhere' }
    const step = await runCanary(cluster, {}, { env })
    expect(step).toMatchObject({ code: 0, outputs: { proven: 'true', 'report-path': '' } })
    const warnings = findCommands(step.stdout).filter(({ name }) => name === 'warning')
    expect(warnings).toHaveLength(2)
  })
})

describe('credentials', () => {
  const ID = 'AKIDEXAMPLE0123'
  const SECRET = 'wJalr/XUtnFEMI+K7MDENG=bPxRfi'
  const given = { 'access-key-id': ID, 'secret-access-key': SECRET }

  it.concurrent.each([undefined, '1'])(
    'that are right appear nowhere, with RUNNER_DEBUG=%s',
    async (debug) => {
      await using cluster = await startNodes({ credentials: { [ID]: SECRET }, region: 'eu-west-3' })
      // Every word of an error and every message holds them, as they are and in the forms of an echo.
      const echo = [
        ID,
        SECRET,
        encodeURIComponent(SECRET),
        Buffer.from(SECRET).toString('base64'),
      ].join(' ')
      watchCalls(cluster, ({ node, action }, answer) =>
        node === 'n2' && action === 'ReceiveMessage'
          ? { status: 400, body: { __type: SECRET, message: `AWS4-HMAC Credential=${echo}` } }
          : answer(),
      )
      const inputs = { peers: cluster.nodeMap, region: 'eu-west-3', limit: '2s', ...given }
      const step = await runTraced(inputs, { action: 'canary', env: { RUNNER_DEBUG: debug } })
      expect(checkCanaryEnd(step)).toBe('not proven')
      expect(step.outputs['step']).toBe('receive')
      const masks = findCommands(step.stdout).filter(({ name }) => name === 'add-mask')
      expect(masks.map(({ data }) => data)).toEqual([ID, SECRET])
      const told = step.all.replace(/^::add-mask::.*$/gm, '')
      for (const form of [...echo.split(' '), JSON.stringify(SECRET)])
        expect(told).not.toContain(form)
      expect(told).toContain('***')
    },
  )

  it.concurrent('are taken from nowhere else, and nothing else is asked', async () => {
    await using cluster = await startNodes({ credentials: { [ID]: SECRET } })
    let trapped = 0
    const trap = await startReplies(() => {
      trapped++
      return 'HTTP/1.1 500 No\r\n\r\n'
    })
    const url = `http://${trap.address}`
    const env = {
      AWS_ACCESS_KEY_ID: ID,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_SESSION_TOKEN: 'token',
      AWS_REGION: 'eu-west-3',
      AWS_ENDPOINT_URL: url,
      AWS_ENDPOINT_URL_SQS: url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      AWS_PROFILE: 'none',
      AWS_CONFIG_FILE: '/nowhere/config',
      AWS_MAX_ATTEMPTS: '5',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
      HOME: '/nowhere',
    }
    const { calls } = watchCalls(cluster)
    const without = await runCanary(cluster, {}, { env })
    expect(checkCanaryEnd(without)).toBe('not proven')
    expect(reasonsOf(without)).toEqual(['credentials'])
    expect(calls).toHaveLength(3)
    expect(checkCanaryEnd(await runCanary(cluster, given, { env }))).toBe('proven')
    expect(trapped).toBe(0)
    await trap.close()
  })
})
