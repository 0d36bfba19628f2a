import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/membership/membership.ts'
import { adviceOn, STATUSES } from '../../src/report/advice.ts'
import { REASONS, type Reason } from '../../src/report/findings.ts'
import { renderSummary, type SummaryContext } from '../../src/report/summary.ts'
import type { RoundNote } from '../../src/rounds/note.ts'
import type { PeerResult } from '../../src/rounds/result.ts'
import { judge, refuse } from '../../src/rounds/verdict.ts'
import type { Status } from '../../src/shared/status.ts'
import {
  makeContext,
  makeCourse,
  makeMembership,
  makeNote,
  makeResult,
  makeRound,
  makeVerdict,
} from '../support/rounds.ts'

const MIB = 1_048_576
const render = (results: readonly PeerResult[], context: Partial<SummaryContext> = {}) =>
  renderSummary(makeVerdict(results), makeContext(context))

/** The names in the first column of the table of peers, in their order. */
const namesIn = (summary: string) =>
  [...summary.matchAll(/^\| `(n\d+)` \|/gm)].map(([, name]) => name)

describe('the summary', () => {
  it('tells every peer in a row, with address, status in words, capabilities, latency and detail', () => {
    const summary = render([
      makeResult('advertises', { capabilities: ['a', 'htfifo'] }),
      makeResult('missing-capability', { name: 'n2' }),
      makeResult('dns', { name: 'n3', error: 'the name does not resolve' }),
    ])
    const rows = summary.split('\n').filter((line) => /^\| `n\d` /.test(line))
    expect(rows).toEqual([
      '| `n2` | `n2.internal` | ❌&nbsp;capability missing | none | 2ms |  |',
      '| `n3` | `n3.internal` | ❓&nbsp;name look-up failed |  | 2ms | `the name does not resolve` |',
      '| `n1` | `n1.internal` | ✅&nbsp;ready | `a`, `htfifo` | 2ms |  |',
    ])
    expect(summary).toContain('2026-11-23 12:00:00 UTC')
    expect(summary).toContain('1.5s')
  })

  it('tells what to do about each reason that occurred, once, and about no other', () => {
    const summary = render(makeRound('advertises', 'dns', 'dns', 'legacy'))
    expect(summary.split(STATUSES.dns.advice)).toHaveLength(2)
    expect(summary).toContain(STATUSES.legacy.advice)
    expect(summary).not.toContain(STATUSES.refused.advice)
    for (const status of Object.keys(STATUSES) as Status[]) {
      expect(render(makeRound(status))).toContain(`&nbsp;${STATUSES[status].words} |`)
      expect(render(makeRound(status))).toContain(adviceOn(status, 'htfifo'))
    }
  })

  it('tells what to do about old nodes first, and how many nodes it is about', () => {
    const summary = render(makeRound('dns', 'cached', 'advertises', 'dns', 'legacy'))
    expect(
      [...summary.matchAll(/^- \*\*[^*]+\*\* \(([^)]*)\)/gm)].map(([, about]) => about),
    ).toEqual(['`legacy`, 1 node', '`cached`, 1 node', '`dns`, 2 nodes'])
  })

  it('does not advise where all advertise', () => {
    const summary = render(makeRound('advertises'))
    expect(summary).not.toContain('What to do')
    expect(summary).not.toContain('must not go out')
    expect(render(makeRound('dns'))).toContain('must not go out')
  })

  it('shows the verdict with the capability as code, even where it looks like another word', () => {
    const closed = judge(makeCourse(makeRound('dns', 'advertises')), 'node', 1)
    expect(renderSummary(closed, makeContext())).toContain('1 of 2 nodes is not ready for `node`: ')
    const link = '[x](http://a.invalid)'
    const open = judge(makeCourse(makeRound('advertises'), { streak: 1 }), link, 1)
    expect(renderSummary(open, makeContext())).toContain(`advertises \`${link}\`.`)
  })

  it('tells the same reason once', () => {
    const error = 'connection refused (connect ECONNREFUSED 10.0.0.1:9324)'
    const summary = render([makeResult('refused', { error })])
    expect(summary).toContain(
      '| ❓&nbsp;connection refused | 2ms | `connect ECONNREFUSED 10.0.0.1:9324` |',
    )
  })

  it('leaves out empty columns', () => {
    expect(render(makeRound('advertises', 'missing-capability'))).toContain(
      '| Node | Address | Status | Capabilities | Latency |\n',
    )
    expect(render(makeRound('dns', 'legacy'))).toContain(
      '| Node | Address | Status | Latency | Detail |\n',
    )
  })

  it('has a row for each address that blocks, and the reason in that row alone', () => {
    const addresses = [
      { address: '10.0.0.1:9324', status: 'advertises', error: '' },
      { address: '10.0.0.2:9324', status: 'legacy', error: 'old' },
      { address: '10.0.0.3:9324', status: 'refused', error: 'connection refused' },
    ] as const
    const summary = render([makeResult('legacy', { error: 'reason', addresses })])
    expect(summary.split('\n').slice(4, 9)).toEqual([
      '| Node | Address | Status | Latency | Detail |',
      '| --- | --- | --- | --- | --- |',
      '| `n1` | `n1.internal` | ❌&nbsp;old binary | 2ms | 2 of 3 addresses not ready |',
      '| ↳ | `10.0.0.2:9324` | ❌&nbsp;old binary |  | `old` |',
      '| ↳ | `10.0.0.3:9324` | ❓&nbsp;connection refused |  |  |',
    ])
    expect(summary).toMatch(/^- \*\*old binary\*\* \(`legacy`, 1 node\): /m)
    expect(summary).toMatch(/^- \*\*connection refused\*\* \(`refused`, 1 node\): /m)
    expect(render([makeResult('advertises', { addresses: addresses.slice(0, 1) })])).not.toMatch(
      '↳',
    )
  })

  it('puts old nodes first, then those that could not be asked, then the others, each in the order of the input', () => {
    const few = makeRound('advertises', 'dns', 'legacy', 'advertises', 'malformed', 'legacy')
    expect(namesIn(render(few))).toEqual(['n3', 'n6', 'n5', 'n2', 'n1', 'n4'])
    const many = Array<Status>(40).fill('advertises').with(7, 'dns').with(39, 'legacy')
    expect(namesIn(render(makeRound(...many))).slice(0, 4)).toEqual(['n40', 'n8', 'n1', 'n2'])
  })

  it('shows the first eight capabilities and counts the others', () => {
    const capabilities = Array.from({ length: 10 }, (_, index) => `c${index}`)
    const summary = render([makeResult('missing-capability', { capabilities })])
    expect(summary).toContain('`c7`, and 2 more')
    expect(summary).not.toContain('c8')
  })

  it('lists problems and warnings, the first fifty', () => {
    const problems = Array.from({ length: 60 }, (_, index) => `problem ${index}`)
    const summary = renderSummary(
      refuse(problems, 'x'),
      makeContext({
        checkedAt: null,
        warnings: ['careful'],
      }),
    )
    expect(summary).toContain('- `problem 0`\n')
    expect(summary).toContain('- `problem 49`\n- and 10 more')
    expect(summary).toMatch(/- .*`careful`/)
    expect(summary).toContain('nothing was polled')
    expect(summary).not.toContain('Checked at')
    expect(summary).not.toContain('| --- |')
    expect(render(makeRound('dns'))).not.toContain('and 0 more')
  })

  it('shows the partition map and what it does not cover', () => {
    const queues = [{ queue: 'orders.fifo', groups: ['1', '2', '2', '1'] }]
    const summary = render(makeRound('advertises'), { queues })
    expect(summary).toContain('| `orders.fifo` | 4 | `1, 2, 2, 1` |')
    expect(summary).toContain('2 Raft groups')
    expect(summary).toContain('are not protected')
    expect(render(makeRound('advertises'))).not.toContain('Partition map')
  })
})

describe('what the summary concludes', () => {
  const conclude = (capability: string, ...statuses: readonly Status[]) => {
    const course = makeCourse(makeRound(...statuses), { streak: 1 })
    return renderSummary(judge(course, capability, 1), makeContext()).split('\n')[2]
  }

  it('is true of what is known: old, unknown, or both', () => {
    expect(conclude('htfifo', 'advertises', 'legacy')).toBe(
      'The release must not go out: a node with an old binary can lose messages.',
    )
    expect(conclude('htfifo', 'dns', 'advertises', 'missing-capability')).toBe(
      'The release must not go out: a node with an old binary can lose messages. The nodes without a usable answer may be old as well.',
    )
    expect(conclude('htfifo', 'advertises', 'timeout')).toBe(
      'The release must not go out: nothing is known about the nodes that could not be asked, and an old binary among them can lose messages.',
    )
    expect(conclude('htfifo', 'unhealthy')).toContain('about the nodes without a usable answer')
  })

  it('calls nothing old where another capability is asked for', () => {
    expect(conclude('other', 'legacy', 'timeout')).toBe(
      'The release must not go out: not every node has the capability. The nodes without a usable answer may lack it as well.',
    )
  })

  it.each(['other', 'HTFIFO'])('claims nothing of HT-FIFO for %s', (capability) => {
    for (const statuses of [['advertises'], Object.keys(STATUSES)] as Status[][]) {
      const course = makeCourse(makeRound(...statuses), { streak: 1 })
      const summary = renderSummary(judge(course, capability, 1), makeContext())
      expect(summary).not.toMatch(/HT-FIFO|partition|lose messages/)
      expect(summary).toContain(`\`${capability}\``)
    }
    expect(conclude(capability, 'advertises')).toContain('Every node advertises the capability.')
    expect(conclude(capability, 'legacy')).toContain('not every node has the capability')
    expect(conclude(capability, 'dns')).toContain('could not be asked have the capability')
    expect(conclude('htfifo', 'advertises')).toContain('knows the partitioned layout')
  })
})

describe('the membership in the summary', () => {
  const summarize = (membership: Membership | null, ...statuses: readonly Status[]) =>
    renderSummary(
      judge(makeCourse(makeRound(...statuses), { streak: 1, membership }), 'htfifo', 1),
      makeContext(),
    )
  const n4 = { id: 'n4', address: '10.0.0.4:50051', suffrage: 'learner' }
  const unlisted = { ...n4, listed: false, knownBy: ['n1', 'n2'] }

  it('says of an open gate what it rests on', () => {
    expect(summarize(makeMembership({}), 'advertises', 'advertises')).toContain(
      'Membership confirmed by all 2 nodes, before and after.',
    )
    expect(summarize(makeMembership({}), 'advertises')).toContain('confirmed by the only node')
    expect(summarize(null, 'advertises')).toContain(
      "Membership was not checked (raft-port is not set): the list is the workflow's word.",
    )
  })

  it('says of a closed gate that membership was not checked, where it was not', () => {
    expect(summarize(null, 'dns')).toContain('Membership was not checked')
    expect(summarize(makeMembership({ state: 'unknown' }), 'dns')).not.toMatch(
      /Membership (was|con)/,
    )
    expect(renderSummary(refuse(['a'], 'x'), makeContext())).not.toContain('Membership')
  })

  it('tells members that are not listed or not confirmed in a table, and what to do about each reason', () => {
    const membership = makeMembership({
      state: 'incomplete',
      members: [unlisted],
      shared: [['n1', 'n2']],
      changed: [{ name: 'n1', before: [], after: [n4] }],
      unknown: [{ name: 'n2', raftAddress: 'n2:50051', status: 'refused', error: 'why' }],
    })
    const summary = summarize(membership, 'advertises')
    expect(summary.split('\n').slice(4, 10)).toEqual([
      '| Member or node | Raft address | Membership | Detail |',
      '| --- | --- | --- | --- |',
      '| `n4` | `10.0.0.4:50051` | ❌&nbsp;not in the list | `learner, known by n1, n2` |',
      '| `n1, n2` |  | ❌&nbsp;one node for several members |  |',
      '| `n1` |  | ❌&nbsp;members changed | `joined: n4 (10.0.0.4:50051, learner)` |',
      '| `n2` | `n2:50051` | ❌&nbsp;members not reported | `refused: why` |',
    ])
    for (const { words, advice } of Object.values(REASONS)) {
      expect(summary).toContain(`- **${words}** (`)
      expect(summary).toContain(advice)
    }
    expect(REASONS.unlisted.advice).toMatch(/Add it to `peers`.*remove_server/)
  })

  it.each([
    ['unlisted', 'a member that was not asked may', { members: [unlisted] }],
    ['shared', 'a member that was not asked may', { shared: [['n1', 'n2']] }],
    [
      'changed',
      'a member that it lacks may',
      { changed: [{ name: 'n1', before: [], after: [n4] }] },
    ],
    [
      'unknown',
      'a member that it lacks may',
      { unknown: [{ name: 'n2', raftAddress: '', status: 'dns', error: '' }] },
    ],
  ] satisfies [Reason, string, Partial<Membership>][])(
    'advises on %s alone where nothing else occurred',
    (reason, risk, rest) => {
      const summary = summarize(makeMembership({ state: 'incomplete', ...rest }), 'advertises')
      expect(summary).toContain(`${risk} run an old binary and lose messages.`)
      expect(summary.match(/^- \*\*/gm)).toHaveLength(1)
      expect(summary).toContain(REASONS[reason].advice)
    },
  )

  it('shows the first hundred, and counts the others', () => {
    const members = Array.from({ length: 250 }, (_, at) => ({ ...unlisted, id: `m${at}` }))
    const summary = summarize(makeMembership({ state: 'incomplete', members }), 'advertises')
    expect(summary).toContain('| `m99` |')
    expect(summary).not.toContain('| `m100` |')
    expect(summary).toContain('And 150 more;')
  })
})

describe('the course of a run of several rounds', () => {
  const note = (round: number, changes: RoundNote['changes']) =>
    makeNote({ round, atMs: round * 1_000, advertising: round, total: 3, changes })

  it('tells the rounds in which something changed', () => {
    const course = makeCourse([], {
      rounds: 9,
      notes: [
        note(1, [{ name: 'n1', from: null, to: 'dns' }]),
        note(3, [{ name: 'n1', from: 'dns', to: 'advertises' }]),
      ],
      notesOmitted: 4,
    })
    const summary = render(makeRound('advertises'), { course })
    expect(summary).toMatch(/\| 1 \| 1s \| 1 of 3 \|/)
    expect(summary).toMatch(/\| 3 \| 3s \| 3 of 3 \| ✅&nbsp;`n1` name look-up failed → ready \|/)
    expect(summary).toContain('4 more rounds')
  })

  it('tells the membership where it changed, and there only', () => {
    const states = ['incomplete', 'incomplete', 'complete'] as const
    const notes = states.map((membership, index) => ({
      ...note(index + 1, [{ name: 'n1', from: 'dns', to: 'refused' }]),
      membership,
    }))
    const summary = render(makeRound('advertises'), {
      course: makeCourse([], { rounds: 3, notes }),
    })
    expect(summary.match(/membership (incomplete|complete) \|/g)).toEqual([
      'membership incomplete |',
      'membership complete |',
    ])
  })

  it('is left out after a single round', () => {
    const course = makeCourse([], { notes: [note(1, [])] })
    expect(render(makeRound('dns'), { course })).not.toContain('How it went')
  })
})

describe('the size of the summary', () => {
  it('holds all rows that fit, blocking peers first, and counts the others', () => {
    const results = Array.from({ length: 20_000 }, (_, index) =>
      makeResult(index === 19_999 ? 'dns' : 'advertises', { name: `n${index}` }),
    )
    const summary = render(results)
    const names = namesIn(summary)
    expect(names[0]).toBe('n19999')
    expect(names.length).toBeGreaterThan(5_000)
    expect(summary).toContain(`And ${20_000 - names.length} more nodes`)
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB)
    expect(Buffer.byteLength(summary)).toBeGreaterThan(900_000)
  })

  it.each(['|', '🙂', '\u202e', '`', 'é'])('is under 1 MiB whatever is full of %j', (char) => {
    const name = char.repeat(1_200)
    const address = { address: name, status: 'dns', error: name } as const
    const addresses = Array.from({ length: 32 }, () => address)
    const hostile = { name, error: name, addresses, capabilities: Array<string>(300).fill(name) }
    const member = { id: name, address: name, suffrage: name, listed: false, knownBy: [name] }
    const members = Array.from({ length: 2_000 }, () => member)
    const results = Array.from({ length: 3_000 }, () => makeResult('malformed', hostile))
    const changes = results.map(() => ({ name, from: 'unhealthy', to: 'legacy' }) as const)
    const notes = Array.from({ length: 50 }, (_, index) => makeNote({ round: index + 2, changes }))
    const groups = Array.from({ length: 32 }, () => '18446744073709551615')
    const queues = Array.from({ length: 150 }, (_, index) => ({
      queue: `${index}${'q'.repeat(70)}.fifo`,
      groups,
    }))
    const membership = makeMembership({ state: 'incomplete', members })
    const course = makeCourse(results, { rounds: 99, notes, membership })
    const summary = renderSummary(
      judge(course, name, 1),
      makeContext({
        warnings: Array<string>(500).fill(name),
        course,
        queues,
      }),
    )
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB)
    expect(summary).toMatch(/And \d+ more nodes/)
  })
})

it.each(['malformed', 'too-large'] as const)(
  'tells of no_proxy where a page of a proxy may have answered, %s',
  (status) => {
    expect(render(makeRound(status))).toMatch(/If the detail names a proxy, .*`no_proxy`, by name/)
  },
)

describe('the whole summary', () => {
  const notes = [
    {
      round: 1,
      atMs: 20,
      advertising: 0,
      total: 1,
      leftMs: 0,
      membership: null,
      changes: [{ name: 'n1', from: null, to: 'dns' }],
    },
  ] as const

  it('of an open gate', () => {
    const results = makeRound('advertises')
    const membership = makeMembership({})
    const course = makeCourse(results, { rounds: 3, streak: 1, notes, membership })
    const context = makeContext({
      course,
      warnings: ['careful'],
      queues: [{ queue: 'a.fifo', groups: ['1', '2'] }],
    })
    const summary = renderSummary(judge(course, 'htfifo', 1), context)
    expect(summary).toBe(`## ✅ htfifo gate OPEN: the only node advertises \`htfifo\`.

Every node runs a binary that knows the partitioned layout. The release may go out now. Membership confirmed by the only node, before and after.

- ⚠️ \`careful\`

| Node | Address | Status | Capabilities | Latency |
| --- | --- | --- | --- | --- |
| \`n1\` | \`n1.internal\` | ✅&nbsp;ready | \`htfifo\` | 2ms |

### How it went

Rounds in which something changed:

| Round | After | Advertise | Changed |
| --- | --- | --- | --- |
| 1 | 20ms | 0 of 1 | ❓&nbsp;\`n1\` name look-up failed |

### Partition map

| Queue | Partitions | Raft groups |
| --- | --- | --- |
| \`a.fifo\` | 2 | \`1, 2\` |

The map names 2 Raft groups. Groups that it does not name are not protected from a leader with an older binary. The gate cannot know whether the cluster has these groups: compare them with its \`--raftGroups\`.

Checked at 2026-11-23 12:00:00 UTC, 3 rounds in 1.5s. The gate saw one moment: a node with an old binary may still join later.
`)
  })

  it('of a closed gate', () => {
    const course = makeCourse(makeRound('advertises', 'legacy'), { notes })
    const summary = renderSummary(judge(course, 'htfifo', 1), makeContext({ course }))
    expect(summary).toBe(`## ⛔ htfifo gate CLOSED: 1 of 2 nodes is not ready for \`htfifo\`: 1 old.

The release must not go out: a node with an old binary can lose messages.

| Node | Address | Status | Capabilities | Latency | Detail |
| --- | --- | --- | --- | --- | --- |
| \`n2\` | \`n2.internal\` | ❌&nbsp;old binary |  | 2ms | \`why legacy\` |
| \`n1\` | \`n1.internal\` | ✅&nbsp;ready | \`htfifo\` | 2ms |  |

### What to do

- **old binary** (\`legacy\`, 1 node): ${STATUSES.legacy.advice}

Checked at 2026-11-23 12:00:00 UTC, in 1.5s. Membership was not checked (raft-port is not set): the list is the workflow's word. The gate saw one moment: a node with an old binary may still join later.
`)
  })

  it('of inputs that are wrong', () => {
    const context = makeContext({ checkedAt: null })
    expect(renderSummary(refuse(['peers: found no peers'], 'htfifo'), context)).toBe(
      `## ⛔ htfifo gate CLOSED: nothing was polled, 1 problem with the inputs.

The release must not go out: nothing is known about the nodes. Correct what is listed here, then run the gate again.

- \`peers: found no peers\`
`,
    )
  })
})
