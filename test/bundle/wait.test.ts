import { afterEach, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { reportOf } from '../support/rows.ts'
import { GOOD, onRequest, reply, serve } from '../support/servers.ts'

const ANSWERS = {
  ready: GOOD,
  listing: '{"status":"ok","capabilities":[]}\n',
  legacy: 'ok\n',
}
type Answer = keyof typeof ANSWERS

const closers: (() => PromiseLike<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A node whose answers follow a script, one for each request; the last one repeats. */
async function startScripted(...script: Answer[]) {
  const requests: { at: number; connection: unknown }[] = []
  const server = await serve(
    onRequest((socket) => {
      const answer = script[requests.length] ?? script.at(-1) ?? 'legacy'
      requests.push({ at: performance.now(), connection: socket })
      socket.end(reply(ANSWERS[answer]))
    }),
  )
  closers.push(() => server[Symbol.asyncDispose]())
  return { address: server.address, requests, script }
}

const roundLines = (log: string) => log.split('\n').filter((line) => line.startsWith('round '))
/** The rows of the table under the heading of the timeline, as cells. */
const timelineRows = (summary: string) =>
  (summary.split('### Timeline')[1] ?? '')
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))

it('a waiting gate opens on its own while the nodes are upgraded, and tells each round as it happens', async () => {
  const nodes = [
    await startScripted('ready'),
    await startScripted('listing'),
    await startScripted('legacy'),
  ]
  const old = nodes.slice(1)
  // A node is upgraded only once the line of a round was seen: a log that comes late never opens this gate.
  const step = await runStep(
    {
      peers: nodes.map(({ address }, index) => `n${index + 1}=${address}`).join('\n'),
      wait: '50s',
      interval: '300ms',
    },
    {
      onLog(text) {
        if (!/^round /m.test(text)) return
        const next = old.shift()
        next?.script.splice(0, Number.POSITIVE_INFINITY, 'ready')
      },
    },
  )
  expect(step.code).toBe(0)
  expect(step.outputs['all-advertise']).toBe('true')
  expect(step.outputs['advertising-count']).toBe('3')
  const lines = roundLines(step.stdout)
  expect(lines).toHaveLength(Number(step.outputs['rounds']))
  expect(lines[0]).toMatch(
    /^round 1: 1 of 3 advertise; n2 missing-capability, n3 legacy, n1 advertises; (50|4\d(\.\d)?)s left$/,
  )
  const log = lines.join('\n')
  expect(log).toContain('2 of 3 advertise; n2 missing-capability → advertises')
  expect(log).toContain('3 of 3 advertise; n3 legacy → advertises')
})

it('every peer is asked again in each round, on a fresh connection', async () => {
  const first = await startScripted('ready')
  const second = await startScripted('legacy', 'legacy', 'ready')
  const step = await runStep({
    peers: `${first.address},${second.address}`,
    wait: '50s',
    interval: '100ms',
  })
  expect(step.code).toBe(0)
  expect(step.outputs['rounds']).toBe('3')
  for (const { requests } of [first, second]) {
    expect(requests).toHaveLength(3)
    expect(new Set(requests.map(({ connection }) => connection)).size).toBe(3)
  }
})

it('the gate pauses for the interval between rounds', async () => {
  const node = await startScripted('ready')
  const step = await runStep({ peers: node.address, 'stable-rounds': '3', interval: '400ms' })
  expect(step.code).toBe(0)
  const [first = 0, second = 0, third = 0] = node.requests.map(({ at }) => at)
  expect(second - first).toBeGreaterThan(390)
  expect(third - second).toBeGreaterThan(390)
})

it('stable rounds have to be in a row: one closed round starts the count again', async () => {
  const node = await startScripted('ready', 'ready', 'legacy', 'ready', 'ready', 'ready')
  const step = await runStep({
    peers: node.address,
    wait: '50s',
    interval: '100ms',
    'stable-rounds': '3',
  })
  expect(step.code).toBe(0)
  expect(step.outputs['rounds']).toBe('6')
})

it('nothing is remembered: peers that were each ready once, but never together, do not open it', async () => {
  const first = await startScripted('ready', 'legacy')
  const second = await startScripted('legacy', 'ready')
  const step = await runStep({
    peers: `n1=${first.address},n2=${second.address}`,
    wait: '1s',
    interval: '100ms',
  })
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
  expect(JSON.parse(step.outputs['blocking-peers'] ?? '')).toEqual(['n1'])
  expect(Number(step.outputs['rounds'])).toBeGreaterThan(1)
})

it('a run ends when the wait is over, and the last whole round decides', async () => {
  const node = await startScripted('listing', 'legacy')
  const step = await runStep({ peers: `n1=${node.address}`, wait: '700ms', interval: '100ms' })
  expect(step.code).toBe(1)
  expect(reportOf(step).peers[0]?.status).toBe('legacy')
  expect(Number(step.outputs['rounds'])).toBe(node.requests.length)
  expect(roundLines(step.stdout).at(-1)).toMatch(
    /^round \d+: 0 of 1 advertise; [^;]*(; \d+ms left)?$/,
  )
})

it('every peer is asked once more at the end of a wait that is shorter than the interval', async () => {
  const node = await startScripted('legacy', 'ready')
  const step = await runStep({ peers: node.address, wait: '500ms', interval: '1h' })
  expect(step.code).toBe(0)
  expect(step.outputs['rounds']).toBe('2')
})

it('the round that the end of the wait falls into is finished, and no other starts', async () => {
  await using silent = await serve(() => undefined)
  const ready = await startScripted('ready')
  const step = await runStep({
    peers: `n1=${silent.address},n2=${ready.address}`,
    wait: '200ms',
    interval: '100ms',
    timeout: '1s',
  })
  expect(step.code).toBe(1)
  expect(step.outputs['rounds']).toBe('1')
  expect(JSON.parse(step.outputs['blocking-peers'] ?? '')).toEqual(['n1'])
  expect(step.outputs['advertising-count']).toBe('1')
})

it('a gate over which all advertise at the end, but not for enough rounds, stays closed', async () => {
  const node = await startScripted('legacy', 'ready')
  const step = await runStep({
    peers: node.address,
    wait: '600ms',
    interval: '100ms',
    'stable-rounds': '6',
  })
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
  expect(step.stdout).toMatch(
    /::error::htfifo gate CLOSED: the only node advertises htfifo, but only for \d of 6 rounds in a row\./,
  )
  expect(step.summary).toContain('Do not enable `htfifo` yet: run the gate again')
})

it('without wait, the first closed round ends the run', async () => {
  const node = await startScripted('legacy', 'ready')
  const step = await runStep({ peers: node.address, interval: '100ms', 'stable-rounds': '5' })
  expect(step.code).toBe(1)
  expect(step.outputs['rounds']).toBe('1')
  expect(node.requests).toHaveLength(1)
})

it('without wait, a peer that falls back closes the gate, although it passed before', async () => {
  const node = await startScripted('ready', 'ready', 'legacy', 'ready')
  const step = await runStep({ peers: node.address, interval: '100ms', 'stable-rounds': '5' })
  expect(step.code).toBe(1)
  expect(step.outputs['all-advertise']).toBe('false')
  expect(step.outputs['rounds']).toBe('3')
})

it('the timeline in the summary has only the rounds in which something changed', async () => {
  const steady = await startScripted('ready')
  const moving = await startScripted('legacy', 'legacy', 'ready', 'listing', 'listing', 'ready')
  const step = await runStep({
    peers: `n1=${steady.address},n2=${moving.address}`,
    wait: '50s',
    interval: '100ms',
  })
  expect(step.outputs['rounds']).toBe('3')
  expect(timelineRows(step.summary).map(([, round, , advertise]) => [round, advertise])).toEqual([
    ['1', '1 of 2'],
    ['3', '2 of 2'],
  ])
})

it('the timeline in the summary shows who came up and who fell back', async () => {
  const node = await startScripted('legacy', 'ready', 'listing', 'listing', 'ready', 'ready')
  const step = await runStep({
    peers: `n1=${node.address}`,
    wait: '50s',
    interval: '100ms',
    'stable-rounds': '2',
  })
  expect(step.code).toBe(0)
  const rows = timelineRows(step.summary)
  expect(rows.map(([, round]) => round)).toEqual(['1', '2', '3', '5'])
  expect(rows.map((cells) => cells[4])).toEqual([
    '❌&nbsp;`n1` old binary',
    '✅&nbsp;`n1` old binary → ready',
    '❌&nbsp;`n1` ready → capability missing',
    '✅&nbsp;`n1` capability missing → ready',
  ])
  expect(roundLines(step.stdout)[3]).toMatch(/^round 4: 0 of 1 advertise; no change; /)
})

it('the timeline is left out where there was one round', async () => {
  const node = await startScripted('ready')
  const step = await runStep({ peers: node.address })
  expect(step.code).toBe(0)
  expect(step.summary).not.toContain('Timeline')
})
