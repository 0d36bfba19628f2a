import { expect, it } from 'vitest'
import { type CrashPublisher, logStack, publishCrash } from '../../src/step/crash.ts'

const PARTS = ['redact', 'crash', 'render', 'setOutputs', 'summarize', 'annotate', 'debug'] as const
type Part = (typeof PARTS)[number]

/** Tells of a crash with some parts broken; returns what the others were given, in order, and the plain annotation. */
function publish(broken: readonly Part[], error: unknown = new Error('secret')) {
  const published: [part: string, text: string][] = []
  const part =
    <Result>(name: Part, result: (text: string) => Result) =>
    (text: string) => {
      if (broken.includes(name)) throw new Error('secret')
      published.push([name, text])
      return result(text)
    }
  const nothing = () => undefined
  const publisher: CrashPublisher<string, string> = {
    redact: part('redact', (text) => text.replaceAll('secret', '***')),
    crash: part('crash', (reason) => `closed: ${reason}`),
    render: part('render', (verdict) => `page of ${verdict}`),
    setOutputs: part('setOutputs', nothing),
    summarize: part('summarize', nothing),
    annotate: part('annotate', nothing),
    debug: part('debug', nothing),
  }
  const annotatePlainly = (text: string) => published.push(['plain', text])
  const step = {
    signal: new AbortController().signal,
    output: 'ok',
    published: null,
    annotatePlainly,
  }
  publishCrash(error, step, publisher)
  return published.filter(([name]) => !['redact', 'crash', 'render'].includes(name))
}

it('whichever parts are broken, the rest is published, and no secret', () => {
  for (let bits = 0; bits < 2 ** PARTS.length; bits++) {
    const broken = PARTS.filter((_, index) => (bits >> index) & 1)
    const works = (...parts: readonly Part[]) => !parts.some((part) => broken.includes(part))
    const published = publish(broken)
    expect(
      published.map(([name]) => name),
      `broken: ${broken}`,
    ).toEqual([
      ...(works('crash', 'render', 'setOutputs') ? ['setOutputs'] : []),
      ...(works('crash', 'render', 'summarize') ? ['summarize'] : []),
      works('crash', 'annotate') ? 'annotate' : 'plain',
      ...(works('redact', 'debug') ? ['debug'] : []),
    ])
    const texts = published.flatMap(([name, text]) => (name === 'debug' ? [] : text))
    expect(texts.join()).not.toContain('secret')
  }
})

it('outputs and summary have the same verdict as the annotation', () => {
  expect(publish([]).slice(0, 3)).toEqual([
    ['setOutputs', 'page of closed: Error: ***'],
    ['summarize', 'page of closed: Error: ***'],
    ['annotate', 'closed: Error: ***'],
  ])
})

it.each([
  ['no error', 'secret', 'closed: Error: ***'],
  ['nothing', null, 'closed: Error: null'],
  ['what cannot be made text', Object.create(null), 'closed: the reason cannot be shown'],
])('a crash with %s has a reason', (_, error, verdict) => {
  expect(publish([], error)).toContainEqual(['annotate', verdict])
})

it('a stack is published without secrets, or not at all', () => {
  const stacks: string[] = []
  const debug = (text: string) => stacks.push(text)
  const broken = () => {
    throw new Error('secret')
  }
  logStack(new Error('secret'), { redact: () => '***', debug })
  logStack(new Error('secret'), { redact: broken, debug })
  logStack('secret', { redact: (text) => text, debug })
  expect(stacks).toEqual(['***'])
})
