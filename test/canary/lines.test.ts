import { describe, expect, it } from 'vitest'
import { REASONS, type Reason } from '../../src/canary/advice.ts'
import { annotation, headlineText, problemLine, stepLine } from '../../src/canary/lines.ts'
import { judge, refuse, type Verdict } from '../../src/canary/verdict.ts'
import { findCommands } from '../support/commands.ts'
import { LOG_ATTACKS } from '../support/hostile.ts'
import { twoGroups } from './support/fake-cluster.ts'
import { hostileFindings, makeFindings, makeProblem } from './support/findings.ts'

const verdictOf = (overrides = {}): Verdict => judge(makeFindings(overrides), { cancelled: false })
/** What moves a cursor, ends a line, hides or turns text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('the headline', () => {
  it('says what was proven, and for which placement', () => {
    expect(headlineText(verdictOf())).toBe(
      'htfifo canary PROVEN: 12 messages went through 4 partitions and 3 nodes, in order and each exactly once, with the leaders of the 2 Raft groups on several nodes.',
    )
    const single = { before: twoGroups(1, 1), after: twoGroups(1, 1) }
    expect(headlineText(verdictOf({ leaders: single }))).toMatch(
      /, with the leaders of both Raft groups on one node\.$/,
    )
    const none = { before: null, after: null }
    expect(headlineText(verdictOf({ leaders: none }))).toMatch(
      /; which nodes lead the groups was not checked\.$/,
    )
  })

  it('names step, reason, node and partition', () => {
    expect(headlineText(verdictOf({ problems: [makeProblem()] }))).toBe(
      'htfifo canary NOT PROVEN at the step receive: sends succeed, but receives fail (node n2, partition 1).',
    )
  })

  it('names each node once, in however many partitions it failed', () => {
    const problems = ['n2', 'n2', 'n1', 'n2'].map((node, partition) =>
      makeProblem({ node, partition }),
    )
    expect(headlineText(verdictOf({ problems }))).toMatch(
      / \(nodes n2 and n1, partitions 0, 1, 2 and 1 more\)\.$/,
    )
    expect(headlineText(verdictOf({ problems: problems.slice(0, 2) }))).toMatch(
      / \(node n2, partitions 0 and 1\)\.$/,
    )
  })
})

it('tells each step with its time', () => {
  expect(stepLine('send', 123.4, true)).toBe('✓ send: all messages were accepted, 123ms')
  expect(stepLine('receive', 3_100, false)).toBe('✗ receive: failed, 3.1s')
})

it('tells a problem in one line, with its command', () => {
  expect(problemLine(makeProblem({ command: 'do it' }))).toBe(
    'receive (node n2, partition 1): sends succeed, but receives fail: ReceiveMessage was refused with 500 InternalFailure: internal error — do it',
  )
})

describe('the annotation', () => {
  it('has the words of the server, what to do, and the command that deletes the queue', () => {
    const text = annotation(
      verdictOf({ problems: [makeProblem()], queueLeft: true, deleteCommand: 'delete it' }),
    )
    const lines = text.split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toContain('500 InternalFailure: internal error')
    expect(lines[2]).toMatch(/^What to do: Do not enable partitioning on this topology/)
    expect(lines[3]).toBe(
      'delete: the queue may still be there: the queue htfifo-canary.fifo may still be there — delete it',
    )
  })

  it('names eight problems, and counts the rest', () => {
    const problems = Array.from({ length: 25 }, (_, partition) =>
      makeProblem({ reason: 'missing', partition }),
    )
    const lines = annotation(verdictOf({ problems })).split('\n')
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe('and 17 more')
  })

  it('names every problem of the inputs', () => {
    const text = annotation(refuse('inputs', ['queue: found x', 'limit: found y'], 'inputs'))
    expect(text).toContain('queue: found x')
    expect(text).toContain('limit: found y')
  })

  it('stays under the 4,096 characters of GitHub, for each reason', () => {
    const long = 'x'.repeat(1_200)
    for (const reason of Object.keys(REASONS) as Reason[]) {
      const problem = makeProblem({ reason, words: long, node: long, command: long })
      const problems = Array(12).fill({ ...problem, command: '' })
      const findings = { problems: [problem, ...problems], queueLeft: true, deleteCommand: long }
      const text = annotation(verdictOf(findings))
      expect(text.length, reason).toBeLessThan(4_096)
      expect(text, reason).toContain(
        'queue-left' === reason ? 'xxx' : 'the queue may still be there',
      )
    }
  })
})

describe.each(LOG_ATTACKS)('%j in the log', (attack) => {
  it('is no command and moves no cursor', () => {
    const verdict = judge(hostileFindings(attack), { cancelled: false })
    const lines = [
      headlineText(verdict),
      ...annotation(verdict).split('\n'),
      ...[...verdict.problems, ...verdict.warnings].map((problem) => problemLine(problem)),
    ]
    for (const line of lines) {
      expect(line).not.toMatch(UNSEEN)
      expect(findCommands(line)).toEqual([])
    }
  })
})
