import type { Nodes, Root } from 'hast'
import { describe, expect, it } from 'vitest'
import { runStep } from '../../sample/runner.ts'
import { headline } from '../../src/report/headline.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { crash, refuse } from '../../src/rounds/rounds.ts'
import type { Status } from '../../src/shared/status.ts'
import { cellText, showText } from '../../src/shared/text.ts'
import { inHeader, LOG_ATTACKS, SUMMARY_ATTACKS, serveReplies } from '../support/hostile.ts'
import { checkSummary, findElements, walk } from '../support/html.ts'
import { listReply, okReply } from '../support/replies.ts'
import { makeRound } from '../support/rounds.ts'
import { sample } from '../support/sampling.ts'
import {
  hostileMemberships,
  hostileRound,
  makeContext,
  makeEntry,
  makeVerdict,
} from '../support/verdicts.ts'

/** Of what is meant for the log a part: rendering takes long. */
const ATTACKS = [...SUMMARY_ATTACKS, ...sample(4, LOG_ATTACKS)]

function textOf(node: Nodes): string {
  let text = ''
  walk(node, (part) => {
    if (part.type === 'text') text += part.value
  })
  return text
}

/** Checks a summary of the gate, which breaks and folds some of its cells. */
const check = (markdown: string) => checkSummary(markdown, ['br', 'details', 'summary'])

/** How a text shows in a code element: a pipe and a backtick as escapes, everything unseen as well. */
const shownAs = (text: string, max: number) =>
  showText(text.replaceAll('|', '\\u{7c}').replaceAll('`', '\\u{60}'), max).trim()

function expectInCode(tree: Root, text: string, max = 300): void {
  const shown = shownAs(text, max)
  if (shown === '') return
  const codes = findElements(tree, 'code').map((code) => textOf(code).trim())
  expect(codes).toContain(shown)
}

describe.each(ATTACKS)('%j in the summary is text in a code element and nothing else', (attack) => {
  const render = (...of: Parameters<typeof makeVerdict>) => {
    const change = (from: Status | null) => ({ name: attack, from, to: 'dns' as const })
    const changes = [change(null), change('refused')]
    const timeline = [makeEntry({ changes }), makeEntry({ round: 2, changes })]
    const context = makeContext({ timeline: { timeline, timelineOmitted: 0 } })
    const tree = check(renderSummary(makeVerdict(...of), context, 1))
    expect(findElements(tree, 'table').length).toBe(
      of[1]?.rounds === 2 ? 2 : of[1]?.membership ? 2 : 0,
    )
    return tree
  }

  it('as what is told of a peer, a change, a warning and the capability', () => {
    const verdict = { capability: attack, warnings: [attack], rounds: 2 }
    const tree = render(hostileRound(attack), verdict)
    expectInCode(tree, attack)
    const [peers] = findElements(tree, 'table')
    expect(findElements(peers ?? tree, 'tr')).toHaveLength(7)
  })

  it('as what is told of a member', () => {
    const [membership, ...others] = hostileMemberships(attack)
    if (membership === undefined) throw new Error('no membership')
    const tree = render(makeRound('advertises'), { membership })
    const { members, shared, moved, changed, unknown } = membership
    const all = [members.filter(({ listed }) => !listed), shared, moved, changed, unknown]
    const [findings] = findElements(tree, 'table')
    expect(findElements(findings ?? tree, 'tr')).toHaveLength(1 + all.flat().length)
    expectInCode(tree, attack)
    for (const other of others) {
      const verdict = makeVerdict(makeRound('advertises'), { membership: other })
      check(`## ${headline(verdict, cellText)}`)
    }
  })

  it('as a problem with the inputs, or a crash', () => {
    for (const { problems, crash: reason } of [refuse([attack, attack], 'x'), crash(attack, 'x')]) {
      const tree = render([], { problems, crash: reason })
      const told = reason === null ? problems : [`the gate failed: ${reason}`]
      expect(findElements(tree, 'li')).toHaveLength(told.length)
      for (const text of told) expectInCode(tree, text, 500)
    }
  })
})

it('the check finds what it is there to find', () => {
  for (const text of ['[x](https://a.invalid)', '<img src="https://a.invalid/x">', '@octocat']) {
    expect(() => check(`## h\n\n| a |\n| --- |\n| ${text} |`)).toThrow()
  }
  expect(() => check('## h\n\n| a | b |\n| --- | --- |\n| x |')).not.toThrow()
  expect(() => check('# a')).toThrow()
})

describe('through the bundle', () => {
  it('hostile peers leave nothing but text in the summary', async () => {
    const replies = ATTACKS.flatMap((attack) => {
      const short = attack.slice(0, 200)
      return [
        listReply(short),
        okReply(short),
        okReply(JSON.stringify({ status: short, capabilities: [] })),
        `HTTP/1.1 302 ${inHeader(attack)}\r\nLocation: ${inHeader(attack)}\r\n\r\n`,
      ]
    })
    await using servers = await serveReplies(replies)
    const step = await runStep({ peers: servers.peers.join('\n'), timeout: '30s' })
    expect(step.code).toBe(1)
    const tree = check(step.summary)
    const [table] = findElements(tree, 'table')
    expect(findElements(table ?? tree, 'tr')).toHaveLength(replies.length + 1)
    for (const attack of ATTACKS) {
      const short = attack.slice(0, 60)
      if (attack === short && !/[\ud800-\udfff]/.test(short)) expectInCode(tree, short)
    }
  })

  it('hostile names of the inputs are text in the summary', async () => {
    await using servers = await serveReplies([listReply('htfifo')])
    const base = `${servers.peers[0]}`
    // What a name and a base path may hold; the others are refused, and shown all the same.
    const names = ATTACKS.filter((text) => /^[\p{L}\p{M}\p{Nd}\-_.:/@[\]]{1,100}$/u.test(text))
    const peers = [
      ...names
        .filter((name) => !name.includes('://'))
        .map((name, index) => `${name}=${base}/${index}`),
      ...['**b**', '_em_', '~~del~~', '$x$', '@octocat', ':tada:', '!(x)', '&lt'].map(
        (path) => `${base}/${path}`,
      ),
    ]
    expect(peers.length).toBeGreaterThan(12)
    const polled = await runStep({ peers: peers.join('\n'), capability: '[x](https://a.invalid)' })
    expect(polled.code).toBe(1)
    expect(findElements(check(polled.summary), 'tr')).toHaveLength(peers.length + 1)
    const refused = ATTACKS.filter((text) => !names.includes(text) && !text.includes('\0'))
    const step = await runStep({ peers: refused.map((name) => `${name}=kv01`).join('\n') })
    expect(step.code).toBe(1)
    check(step.summary)
  })
})
