import { describe, expect, it } from 'vitest'
import type { Member, Membership } from '../../src/membership/membership.ts'
import { findAll, findingsTable, REASONS, reasonAdvice } from '../../src/report/findings.ts'
import { makeMember, makeMembership, makeUnlisted } from '../support/verdicts.ts'

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']
const detailsOf = (rest: Partial<Membership>) =>
  findAll(makeMembership(rest)).map(({ detail }) => detail)
const change = (before: readonly Member[], after: readonly Member[]) =>
  detailsOf({ changed: [{ name: 'n1', before, after }] })

/** A membership with everything that may be wrong. */
const place = (address: string, ...knownBy: readonly string[]) =>
  makeUnlisted('n3', { address, knownBy })
const REFUSED = 'connection refused (connect ECONNREFUSED 10.0.0.2:50051)'
const ALL = makeMembership({
  members: [
    makeUnlisted('n1', { listed: true }),
    makeUnlisted('n4', { suffrage: 'learner', knownBy: ['n1', 'n2'] }),
  ],
  shared: [['n1', 'n2']],
  moved: [{ id: 'n3', members: [place('kv03:50051', 'n1', 'n2'), place('kv04:50051', 'n3')] }],
  changed: [{ name: 'n3', before: [], after: [makeMember('n4', { suffrage: 'learner' })] }],
  unknown: [{ name: 'n2', raftAddress: 'n2:50051', status: 'refused', error: REFUSED }],
})

it('nothing is found where the cluster confirmed the list, or was not asked', () => {
  for (const membership of [null, makeMembership()]) {
    expect(findAll(membership)).toEqual([])
    expect(findingsTable(membership)).toBe('')
    expect(reasonAdvice(membership)).toEqual([])
  }
})

it('findings are told with the member, its address and the detail, the worst first', () => {
  expect(findingsTable(ALL).split('\n')).toEqual([
    '| Member or node | Raft address | Membership | Detail |',
    '| --- | --- | --- | --- |',
    '| `n4` | `n4:50051` | ❌&nbsp;not in the list | `learner, known by n1 and n2` |',
    '| `n1 and n2` |  | ❌&nbsp;one process for several names |  |',
    '| `n3` |  | ❌&nbsp;members changed | `at several addresses: kv03:50051 (reported by n1 and n2) and kv04:50051 (reported by n3)` |',
    '| `n3` |  | ❌&nbsp;members changed | `joined: n4 (n4:50051, learner)` |',
    '| `n2` | `n2:50051` | ❌&nbsp;members not reported | `refused: connect ECONNREFUSED 10.0.0.2:50051` |',
  ])
})

it('each reason that occurred has its advice once, and no other has', () => {
  const advice = (reason: keyof typeof REASONS) =>
    `**${REASONS[reason].words}** (\`${reason}\`): ${REASONS[reason].advice}`
  expect(reasonAdvice(ALL)).toEqual(
    (['unlisted', 'shared', 'changed', 'unknown'] as const).map(advice),
  )
  const { members, shared, moved, changed, unknown } = ALL
  expect(reasonAdvice(makeMembership({ members }))).toEqual([advice('unlisted')])
  expect(reasonAdvice(makeMembership({ shared }))).toEqual([advice('shared')])
  expect(reasonAdvice(makeMembership({ moved }))).toEqual([advice('changed')])
  expect(reasonAdvice(makeMembership({ changed }))).toEqual([advice('changed')])
  expect(reasonAdvice(makeMembership({ unknown }))).toEqual([advice('unknown')])
})

it('a member that is listed under another name is to be named before one is added or removed', () => {
  expect(REASONS.unlisted.advice).toMatch(/`n1=address`.*add it to `peers`.*remove_server/)
})

it('five of those who know a member are named, and no suffrage where there is none', () => {
  const members = [5, 7].map((count) =>
    makeUnlisted('n9', { suffrage: '', knownBy: NAMES.slice(0, count) }),
  )
  expect(detailsOf({ members })).toEqual([
    'known by n1, n2, n3, n4 and n5',
    'known by n1, n2, n3, n4, n5 and others',
  ])
})

it('five of the names with one process are told, and how many more there are', () => {
  const [finding] = findAll(makeMembership({ shared: [NAMES] }))
  expect(finding?.who).toBe('n1, n2, n3, n4, n5 and 2 more')
})

it('no detail ends with a colon', () => {
  const error = 'connection refused'
  const unknown = [{ name: 'n2', raftAddress: '', status: 'refused', error }] as const
  expect(detailsOf({ unknown })).toEqual(['refused'])
})

const DNS = { name: 'n3', raftAddress: '', status: 'dns', error: '' } as const

it('past a hundred the findings are counted, of all kinds, and all have their advice', () => {
  const tellTable = (count: number) => {
    const membership = makeMembership({
      shared: Array.from({ length: count }, () => ['n1', 'n2']),
      unknown: Array.from({ length: 3 }, () => DNS),
    })
    expect(reasonAdvice(membership)).toHaveLength(2)
    return findingsTable(membership).split('\n').slice(2)
  }
  const shared = '| `n1 and n2` | ❌&nbsp;one process for several names |'
  expect(tellTable(97)).toHaveLength(100)
  const lines = tellTable(99)
  expect(lines.slice(0, 99)).toEqual(Array(99).fill(`${shared}  |`))
  expect(lines.slice(99)).toEqual([
    '| `n3` | ❌&nbsp;members not reported | `dns` |',
    '',
    'And 2 more; see the report file (`report-path`).',
  ])
  expect(tellTable(5_000).slice(100)).toEqual([
    '',
    'And 4903 more; see the report file (`report-path`).',
  ])
})

describe('a change of the members', () => {
  const stays = makeMember('n1')

  it('is told by those who joined and those who left, not by those who stayed', () => {
    expect(change([stays], [stays, makeMember('n2')])).toEqual(['joined: n2 (n2:50051, voter)'])
    expect(change([stays, makeMember('n2')], [stays])).toEqual(['left: n2 (n2:50051, voter)'])
    expect(change([stays, makeMember('n2')], [makeMember('n3'), stays])).toEqual([
      'joined: n3 (n3:50051, voter); left: n2 (n2:50051, voter)',
    ])
  })

  it.each([
    ['suffrage', makeMember('n2', { suffrage: 'learner' }), 'n2:50051, learner'],
    ['address', makeMember('n2', { address: 'kv02:50051' }), 'kv02:50051, voter'],
  ])('of the %s alone shows the old and the new one', (_, after, described) => {
    expect(change([stays, makeMember('n2')], [stays, after])).toEqual([
      `joined: n2 (${described}); left: n2 (n2:50051, voter)`,
    ])
  })

  it('takes a member that has several entries for one that stayed, if one of them did', () => {
    const twice = [stays, makeMember('n1', { suffrage: 'learner' })]
    expect(change(twice, [stays])).toEqual(['left: n1 (n1:50051, learner)'])
  })
})
