import { describe, expect, it } from 'vitest'
import { loadInputs } from '../../src/inputs/inputs.ts'
import {
  annotationText,
  findingLines,
  headlineLine,
  nodeLines,
  peerLine,
  roundLine,
  startLine,
} from '../../src/report/lines.ts'
import { STATUSES } from '../../src/report/statuses.ts'
import { type Change, crash, type PeerResult, refuse } from '../../src/rounds/rounds.ts'
import type { Status } from '../../src/shared/status.ts'
import { VERSION } from '../../src/shared/version.ts'
import { inputEnv } from '../support/inputs.ts'
import { makePeer, makeResult, makeRound } from '../support/rounds.ts'
import { makeEntry, makeMembership, makeUnlisted, makeVerdict } from '../support/verdicts.ts'

it('the first line tells how many nodes are asked for what, and for how long', () => {
  const tell = (inputs: Readonly<Record<string, string>>) =>
    startLine(loadInputs({ env: inputEnv(inputs), file: () => '' }).inputs)
  expect(tell({ peers: 'a' })).toBe(`htfifo-gate ${VERSION}: asking 1 node for "htfifo", 3s each`)
  expect(tell({ peers: 'a,b', wait: '10m', timeout: '500ms', capability: 'x' })).toBe(
    `htfifo-gate ${VERSION}: asking 2 nodes for "x", 500ms each, waiting up to 10m`,
  )
})

it('the line of a node tells what is asked of it, and where for its members', () => {
  const raft = makePeer('n2', { raftAddresses: ['n2.internal:50051', 'n2.internal:50052'] })
  expect(nodeLines({ peers: [makePeer('n1'), raft] })).toEqual([
    'n1: http://n1.internal:9324/sqs_health',
    'n2: http://n2.internal:9324/sqs_health, members from n2.internal:50051, n2.internal:50052',
  ])
})

describe('the line of a peer', () => {
  const connect = 'connect ECONNREFUSED 10.0.0.1:9324'
  const addresses = [
    { address: '10.0.0.1:9324', status: 'advertises', error: '' },
    { address: '10.0.0.2:9324', status: 'legacy', error: 'old' },
    { address: '10.0.0.3:9324', status: 'dns', error: 'x' },
  ] as const
  const same = makePeer('kv01', { address: 'kv01' })

  it.each([
    [
      'name, address, how the peer answered and how long it took',
      makeResult('advertises'),
      '✓ n1 at n1.internal: advertises, 2ms',
    ],
    [
      'an address once that is the name',
      makeResult('advertises', { peer: same }),
      '✓ kv01: advertises, 2ms',
    ],
    [
      'why a peer does not pass',
      makeResult('dns', { error: 'the name does not resolve (ENOTFOUND)' }),
      '✗ n1 at n1.internal: dns: the name does not resolve (ENOTFOUND), 2ms',
    ],
    [
      'the part of the reason that the status lacks',
      makeResult('refused', { error: `connection refused (${connect})` }),
      `✗ n1 at n1.internal: refused: ${connect}, 2ms`,
    ],
    [
      'no reason that is the status once more',
      makeResult('refused', { error: 'connection refused' }),
      '✗ n1 at n1.internal: refused, 2ms',
    ],
    [
      'at how many addresses of a name it was so',
      makeResult('legacy', { addresses, error: 'old' }),
      '✗ n1 at n1.internal: legacy at 10.0.0.2:9324 (2 of 3 addresses not ready): old, 2ms',
    ],
    [
      'that a list is empty',
      makeResult('missing-capability'),
      '✗ n1 at n1.internal: missing-capability: its list is [], 2ms',
    ],
    [
      'the list that lacks the capability',
      makeResult('missing-capability', { capabilities: ['a', 'b'] }),
      '✗ n1 at n1.internal: missing-capability: its list is ["a","b"], 2ms',
    ],
  ])('tells %s', (_, result, line) => {
    expect(peerLine(result)).toBe(line)
  })

  it('has words for every status', () => {
    for (const status of Object.keys(STATUSES) as Status[]) {
      expect(peerLine(makeResult(status))).toContain(status)
    }
  })
})

it('the line of a round tells what changed, the first five by name, and how much time is left', () => {
  const tell = (rest: Parameters<typeof makeEntry>[0]) =>
    roundLine(makeEntry({ round: 2, ...rest }))
  expect(tell({})).toBe('round 2: 1 of 3 advertise; no change')
  expect(tell({ membership: 'unknown', leftMs: 61_000 })).toBe(
    'round 2: 1 of 3 advertise, membership unknown; no change; 1m1s left',
  )
  const first: Change = { name: 'n9', from: null, to: 'advertises' }
  const changes = Array.from({ length: 6 }, (_, at): Change => {
    return { name: `n${at}`, from: 'legacy', to: 'dns' }
  })
  expect(tell({ changes: [first, ...changes.slice(0, 1)] })).toBe(
    'round 2: 1 of 3 advertise; n9 advertises, n0 legacy → dns',
  )
  expect(tell({ changes: changes.slice(0, 5) })).toMatch(/, n4 legacy → dns$/)
  expect(tell({ changes: [first, ...changes] })).toMatch(/, n3 legacy → dns, and 2 more$/)
})

it('the headline disarms what the capability holds', () => {
  const verdict = makeVerdict(makeRound('advertises', 'advertises'), { capability: '##[error]x' })
  expect(headlineLine(verdict)).toBe('htfifo gate OPEN: both nodes advertise ##\\u{5b}error]x.')
})

describe('the annotation', () => {
  const annotate = (...statuses: readonly Status[]) =>
    annotationText(makeVerdict(makeRound(...statuses))).split('\n')

  it('has the verdict and every blocking peer with its reason', () => {
    expect(annotate('advertises', 'refused', 'dns')).toEqual([
      'htfifo gate CLOSED: 2 of 3 nodes are not ready for htfifo: 2 could not be asked.',
      'n2: refused: why refused',
      'n3: dns: why dns',
    ])
  })

  it('names the first ten, old nodes before those that could not be asked, and how many more there are', () => {
    const ten = Array<Status>(10).fill('dns')
    expect(annotate(...ten).at(-1)).toBe('n10: dns: why dns')
    const lines = annotate(...ten, 'legacy', 'cached')
    expect(lines).toHaveLength(12)
    expect(lines.slice(1, 4).map((line) => line.split(':')[0])).toEqual(['n11', 'n12', 'n1'])
    expect(lines.at(-1)).toBe('and 2 more')
  })

  it('names what is wrong with the members after the nodes, ten in all', () => {
    const rest = {
      shared: [['n1', 'n2']],
      changed: [{ name: 'n1', before: [makeUnlisted('n3')], after: [makeUnlisted('n4')] }],
      unknown: [
        { name: 'n2', raftAddress: 'n2:50051', status: 'refused', error: 'connection refused (x)' },
      ],
    } as const
    const tell = (count: number) => {
      const members = Array.from({ length: count }, (_, at) => makeUnlisted(`m${at}`))
      const membership = makeMembership({ ...rest, members })
      const verdict = makeVerdict(makeRound('advertises', 'dns'), { membership })
      const [, ...lines] = annotationText(verdict).split('\n')
      return { lines, findings: findingLines(verdict) }
    }
    const few = tell(1)
    expect(few.findings).toEqual([
      'm0 at m0:50051: not in the list: voter, known by n1',
      'n1 and n2: one process for several names',
      'n1: members changed: joined: n4 (n4:50051, voter); left: n3 (n3:50051, voter)',
      'n2 at n2:50051: members not reported: refused: x',
    ])
    expect(few.lines).toEqual(['n2: dns: why dns', ...few.findings])
    const many = tell(150)
    expect(many.lines.slice(9)).toEqual([expect.stringMatching(/^m8 at /), 'and 144 more'])
    expect(many.findings.slice(99)).toEqual([expect.stringMatching(/^m99 at /), 'and 53 more'])
  })

  it('names problems, and a crash', () => {
    expect(annotationText(refuse(['peers: a', 'timeout: b'], 'x'))).toBe(
      'htfifo gate CLOSED: nothing was polled, 2 problems with the inputs.\npeers: a\ntimeout: b',
    )
    expect(annotationText(crash('Error: a', 'x'))).toBe(
      'htfifo gate CLOSED: the gate itself failed.\nthe gate failed: Error: a',
    )
  })

  it.each([
    ['peers: entry 1 "', 'n'.repeat(300), '": expected a name of 1 to 100 printable characters'],
    ['capability: found "', 'x "y" '.repeat(100), '", expected 1 to 100 printable characters'],
    ['peers: entry 12 "', '🙂'.repeat(300), '": found port "0", expected 1 to 65535'],
  ])('cuts the quote of a problem, never what it says: %s', (before, quote, after) => {
    const [, line = ''] = annotationText(refuse([before + quote + after], 'x')).split('\n')
    expect(line.startsWith(before)).toBe(true)
    expect(line.endsWith(after)).toBe(true)
    expect(line).toContain('…')
    expect(line.isWellFormed()).toBe(true)
    expect(line.length).toBeLessThan(362)
    const short = `${before}${quote.slice(0, 60)}${after}`
    expect(annotationText(refuse([short], 'x')).split('\n')[1]).toBe(short)
  })

  it.each(['x', '\u{10ffff}', '##[', '🙂', '\u202e', '%', '"'])(
    'stays under 4,096 characters whatever is full of %j',
    (text) => {
      const long = text.repeat(5_000)
      const statuses = Object.keys(STATUSES) as Status[]
      const longest = statuses.reduce((a, b) => (a.length >= b.length ? a : b))
      const address = { address: long, status: longest, error: long }
      const addresses = Array.from({ length: 32 }, () => address)
      const hostile = { name: long, error: long, addresses }
      const results = [
        ...(['legacy', 'cached'] as const).map((status) => makeResult(status, hostile)),
        ...Array<PeerResult>(997).fill(makeResult(longest, hostile)),
      ]
      const member = makeUnlisted(long, { address: long, suffrage: long, knownBy: [long] })
      const error = { name: long, raftAddress: long, status: longest, error: long }
      const unlisted = makeMembership({ members: Array(999).fill(member) })
      const unknown = makeMembership({ state: 'unknown', unknown: Array(999).fill(error) })
      const capability = '🙂'.repeat(100)
      for (const membership of [unlisted, unknown]) {
        for (const [round, more] of [
          [makeRound('advertises'), 989],
          [results.slice(0, 3), 992],
          [results, 1_988],
        ] as const) {
          const told = annotationText(makeVerdict(round, { membership, capability }))
          expect(told.length).toBeLessThan(4_096)
          expect(told.split('\n').slice(11)).toEqual([`and ${more} more`])
        }
      }
      const problems = annotationText(refuse(Array<string>(50).fill(long), 'x'))
      expect(problems.length).toBeLessThan(4_096)
      expect(problems).toMatch(/and 40 more$/)
    },
  )
})
