import { describe, expect, it } from 'vitest'
import type { Member, Membership } from '../../src/membership/membership.ts'
import { findAll, reasonsOf } from '../../src/report/findings.ts'
import { makeMembership } from '../support/rounds.ts'

const member = (id: string, suffrage = 'voter', address = `${id}:50051`): Member => {
  return { id, address, suffrage }
}
const detailsOf = (rest: Partial<Membership>) =>
  findAll(makeMembership({ state: 'incomplete', ...rest })).findings.map(({ detail }) => detail)
const change = (before: readonly Member[], after: readonly Member[]) =>
  detailsOf({ changed: [{ name: 'n1', before, after }] })

describe('what keeps a list from being confirmed', () => {
  it('is nothing where the cluster confirmed it, or was not asked', () => {
    for (const membership of [null, makeMembership({})]) {
      expect(findAll(membership)).toEqual({ findings: [], more: 0 })
      expect(reasonsOf(membership)).toEqual([])
    }
  })

  it('is told with the member, its address and the detail, the worst first', () => {
    const membership = makeMembership({
      state: 'incomplete',
      members: [
        { ...member('n1'), listed: true, knownBy: ['n1'] },
        { ...member('n4', 'learner'), listed: false, knownBy: ['n1', 'n2'] },
      ],
      unknown: [
        {
          name: 'n2',
          raftAddress: 'n2:50051',
          status: 'refused',
          error: 'connection refused (connect ECONNREFUSED 10.0.0.2:50051)',
        },
      ],
      changed: [{ name: 'n3', before: [], after: [member('n4', 'learner')] }],
      shared: [['n1', 'n2']],
    })
    expect(findAll(membership)).toEqual({
      findings: [
        {
          reason: 'unlisted',
          who: 'n4',
          address: 'n4:50051',
          detail: 'learner, known by n1, n2',
        },
        { reason: 'shared', who: 'n1, n2', address: '', detail: '' },
        { reason: 'changed', who: 'n3', address: '', detail: 'joined: n4 (n4:50051, learner)' },
        {
          reason: 'unknown',
          who: 'n2',
          address: 'n2:50051',
          detail: 'refused: connect ECONNREFUSED 10.0.0.2:50051',
        },
      ],
      more: 0,
    })
    expect(reasonsOf(membership)).toEqual(['unlisted', 'shared', 'changed', 'unknown'])
  })

  it('tells who knows a member, five names at most, and no suffrage where there is none', () => {
    const knownBy = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']
    const unlisted = { ...member('n9', ''), listed: false }
    expect(
      detailsOf({
        members: [5, 7].map((count) => ({ ...unlisted, knownBy: knownBy.slice(0, count) })),
      }),
    ).toEqual(['known by n1, n2, n3, n4, n5', 'known by n1, n2, n3, n4, n5 and 2 more'])
  })

  it('counts all kinds past a hundred', () => {
    const shared = Array.from({ length: 99 }, () => ['n1', 'n2'])
    const unknown = Array.from({ length: 3 }, () => {
      return { name: 'n3', raftAddress: '', status: 'dns', error: '' } as const
    })
    const { findings, more } = findAll(makeMembership({ state: 'incomplete', shared, unknown }))
    expect(findings.map(({ reason }) => reason)).toEqual([
      ...Array<string>(99).fill('shared'),
      'unknown',
    ])
    expect(more).toBe(2)
  })
})

describe('a change of the members', () => {
  const stays = member('n1')

  it('is told by those who joined and those who left, not by those who stayed', () => {
    expect(change([stays], [stays, member('n2')])).toEqual(['joined: n2 (n2:50051, voter)'])
    expect(change([stays, member('n2')], [stays])).toEqual(['left: n2 (n2:50051, voter)'])
    expect(change([stays, member('n2')], [member('n3'), stays])).toEqual([
      'joined: n3 (n3:50051, voter); left: n2 (n2:50051, voter)',
    ])
  })

  it.each([
    ['suffrage', member('n2', 'learner'), 'n2:50051, learner'],
    ['address', member('n2', 'voter', 'kv02:50051'), 'kv02:50051, voter'],
  ])('of the %s alone shows the old and the new one', (_, after, described) => {
    expect(change([stays, member('n2')], [stays, after])).toEqual([
      `joined: n2 (${described}); left: n2 (n2:50051, voter)`,
    ])
  })

  it('takes a member that has several entries for one that stayed, if one of them did', () => {
    const twice = [stays, member('n1', 'learner')]
    expect(change(twice, [stays])).toEqual(['left: n1 (n1:50051, learner)'])
  })
})
