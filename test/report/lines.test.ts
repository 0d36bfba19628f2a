import { describe, expect, it } from 'vitest'
import { loadInputs } from '../../src/inputs/inputs.ts'
import { STATUSES } from '../../src/report/advice.ts'
import {
  annotation,
  headlineText,
  membershipLines,
  nodeLines,
  peerLine,
  roundLine,
  startLine,
} from '../../src/report/lines.ts'
import type { Change } from '../../src/rounds/note.ts'
import { judge, refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import { VERSION } from '../../src/shared/version.ts'
import { inputEnv } from '../support/inputs.ts'
import {
  makeCourse,
  makeMembership,
  makeNote,
  makePeer,
  makeResult,
  makeRound,
  makeVerdict,
} from '../support/rounds.ts'

describe('startLine', () => {
  const tell = (inputs: Readonly<Record<string, string>>) =>
    startLine(loadInputs({ env: inputEnv(inputs), file: () => '' }).inputs)

  it('tells how many nodes are asked for what, and for how long', () => {
    expect(tell({ peers: 'a' })).toBe(`htfifo-gate ${VERSION}: asking 1 node for "htfifo", 3s each`)
    expect(tell({ peers: 'a,b', wait: '10m', timeout: '500ms', capability: 'x' })).toBe(
      `htfifo-gate ${VERSION}: asking 2 nodes for "x", 500ms each, waiting up to 10m`,
    )
  })
})

describe('nodeLines', () => {
  it('tells what is asked of each node, and where for its members', () => {
    const raft = makePeer('n2', { raftAddresses: ['n2.internal:50051', 'n2.internal:50052'] })
    expect(nodeLines({ peers: [makePeer('n1'), raft] })).toEqual([
      'n1: http://n1.internal:9324/sqs_health',
      'n2: http://n2.internal:9324/sqs_health, members from n2.internal:50051, n2.internal:50052',
    ])
  })
})

describe('peerLine', () => {
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

describe('roundLine', () => {
  const note = makeNote({ round: 2, advertising: 1, total: 3 })
  const change = (index: number): Change => ({ name: `n${index}`, from: 'legacy', to: 'dns' })

  it('tells a round without change, and how much time is left', () => {
    expect(roundLine(note)).toBe('round 2: 1 of 3 advertise; no change')
    expect(roundLine({ ...note, leftMs: 61_000 })).toBe(
      'round 2: 1 of 3 advertise; no change; 1m1s left',
    )
  })

  it('tells what the cluster says of the list, where it was asked', () => {
    expect(roundLine({ ...note, membership: 'unknown' })).toBe(
      'round 2: 1 of 3 advertise, membership unknown; no change',
    )
  })

  it('tells what changed, the first five by name', () => {
    const first: Change = { name: 'n9', from: null, to: 'advertises' }
    expect(roundLine({ ...note, changes: [first, change(1)] })).toContain(
      '; n9 advertises, n1 legacy → dns',
    )
    const five = roundLine({ ...note, changes: [1, 2, 3, 4, 5].map(change) })
    expect(five).toContain('n5 legacy → dns')
    expect(five).not.toContain('more')
    const seven = roundLine({ ...note, changes: [1, 2, 3, 4, 5, 6, 7].map(change) })
    expect(seven).toContain('n5 legacy → dns, and 2 more')
    expect(seven).not.toContain('n6')
  })
})

describe('headlineText', () => {
  it('disarms what the capability holds', () => {
    const verdict = makeVerdict([], {
      headline: ['OPEN: all 2 nodes advertise ', { foreign: '##[error]x' }, '.'],
    })
    expect(headlineText(verdict)).toBe('htfifo gate OPEN: all 2 nodes advertise ##\\u{5b}error]x.')
  })
})

describe('annotation', () => {
  it('names the verdict and every blocking peer with its reason', () => {
    const lines = annotation(makeVerdict(makeRound('advertises', 'refused', 'dns'))).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('CLOSED')
    expect(lines[1]).toBe('n2: refused: why refused')
    expect(lines[2]).toBe('n3: dns: why dns')
  })

  it('names the first ten, and how many more there are', () => {
    const ten = annotation(makeVerdict(makeRound(...Array<Status>(10).fill('dns'))))
    expect(ten.split('\n')).toHaveLength(11)
    expect(ten).not.toContain('more')
    const lines = annotation(makeVerdict(makeRound(...Array<Status>(12).fill('dns')))).split('\n')
    expect(lines).toHaveLength(12)
    expect(lines[10]).toMatch(/^n10: /)
    expect(lines[11]).toBe('and 2 more')
  })

  it('names old nodes before those that could not be asked', () => {
    const unasked = Array<Status>(11).fill('timeout')
    const lines = annotation(makeVerdict(makeRound(...unasked, 'legacy', 'cached'))).split('\n')
    expect(lines.slice(1, 4).map((line) => line.split(':')[0])).toEqual(['n12', 'n13', 'n1'])
    expect(lines.at(-1)).toBe('and 3 more')
  })

  it('names what is wrong with the members, after the nodes, ten in all', () => {
    const unlisted = (id: string) => {
      return { id, address: `${id}:50051`, suffrage: 'learner', listed: false, knownBy: ['n1'] }
    }
    const rest = {
      state: 'incomplete',
      shared: [['n1', 'n2']],
      unknown: [
        { name: 'n2', raftAddress: 'n2:50051', status: 'refused', error: 'connection refused (x)' },
      ],
      changed: [{ name: 'n1', before: [unlisted('n3')], after: [unlisted('n4')] }],
    } as const
    const membership = makeMembership({ ...rest, members: [unlisted('n4')] })
    const verdict = makeVerdict(makeRound('advertises', 'dns'), { membership })
    const lines = [
      'n4 at n4:50051: not in the list: learner, known by n1',
      'n1, n2: one node for several members',
      'n1: members changed: joined: n4 (n4:50051, learner); left: n3 (n3:50051, learner)',
      'n2 at n2:50051: members not reported: refused: x',
    ]
    expect(membershipLines(verdict)).toEqual(lines)
    expect(annotation(verdict).split('\n').slice(1)).toEqual(['n2: dns: why dns', ...lines])
    const members = Array.from({ length: 150 }, (_, at) => unlisted(`m${at}`))
    const many = makeVerdict(makeRound('dns'), { membership: makeMembership({ ...rest, members }) })
    expect(annotation(many).split('\n')).toHaveLength(12)
    expect(annotation(many)).toMatch(/\nm8 at .*\nand 144 more$/)
    expect(membershipLines(many)).toHaveLength(101)
    expect(membershipLines(many).at(-1)).toBe('and 53 more')
  })

  it.each([
    ['peers: entry 1 "', 'n'.repeat(300), '": expected a name of 1 to 100 printable characters'],
    ['capability: found "', 'x "y" '.repeat(100), '", expected 1 to 100 printable characters'],
    ['peers: entry 12 "', '🙂'.repeat(300), '": found port "0", expected 1 to 65535'],
  ])('cuts the quote of a problem, never what it says: %s', (before, quote, after) => {
    const [, line = ''] = annotation(refuse([before + quote + after], 'x')).split('\n')
    expect(line.startsWith(before)).toBe(true)
    expect(line.endsWith(after)).toBe(true)
    expect(line).toContain('…')
    expect(line.isWellFormed()).toBe(true)
    expect(line.length).toBeLessThan(362)
    const short = `${before}${quote.slice(0, 60)}${after}`
    expect(annotation(refuse([short], 'x')).split('\n')[1]).toBe(short)
  })

  it('names problems', () => {
    const lines = annotation(refuse(['peers: a', 'timeout: b'], 'x')).split('\n')
    expect(lines.slice(1)).toEqual(['peers: a', 'timeout: b'])
  })

  it.each(['x', '\u{10ffff}', '##[', '🙂', '\u202e', '%', '"'])(
    'stays under 4,096 characters for names, members and reasons full of %j',
    (text) => {
      const long = text.repeat(5_000)
      const statuses = Object.keys(STATUSES).filter((status) => status !== 'advertises')
      const longest = statuses.reduce((a, b) => (a.length >= b.length ? a : b)) as Status
      const address = { address: long, status: longest, error: long }
      const addresses = Array.from({ length: 32 }, () => address)
      const results = Array.from({ length: 99_999 }, () =>
        makeResult(longest, { name: long, error: long, addresses }),
      )
      const member = { id: long, address: long, suffrage: long, listed: false, knownBy: [long] }
      const membership = makeMembership({ state: 'incomplete', members: Array(9_999).fill(member) })
      const tell = (polled: typeof results) =>
        annotation(judge(makeCourse(polled, { membership }), '🙂'.repeat(100), 1))
      const members = tell(makeRound('advertises').slice())
      expect(members.length).toBeLessThan(4_096)
      expect(members).toMatch(/and 9989 more$/)
      const told = tell(results)
      expect(told.length).toBeLessThan(4_096)
      expect(told.split('\n')).toHaveLength(12)
      expect(told).toMatch(/and 109988 more$/)
      const problems = annotation(refuse(Array<string>(50).fill(long), 'x'))
      expect(problems.length).toBeLessThan(4_096)
      expect(problems).toMatch(/and 40 more$/)
    },
  )
})
