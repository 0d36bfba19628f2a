import { expect, it } from 'vitest'
import { tellCrash, tellStack } from '../src/crash.ts'

const STEPS = ['redact', 'setOutputs', 'annotate', 'annotatePlainly', 'summarize', 'debug'] as const

/** Tells a crash with some of the steps broken; returns what the others were told, in order. */
function tell(broken: readonly string[], error: unknown = new Error('secret')) {
  const done: [step: string, text: string][] = []
  const step = (name: string) => (told: unknown) => {
    if (broken.includes(name)) throw new Error('secret')
    done.push([name, typeof told === 'string' ? told : JSON.stringify(told)])
  }
  tellCrash(error, {
    redact(text) {
      if (broken.includes('redact')) throw new Error('secret')
      return text.replace('secret', '***')
    },
    setOutputs: step('setOutputs'),
    annotate: step('annotate'),
    annotatePlainly: step('annotatePlainly'),
    summarize: step('summarize'),
    debug: step('debug'),
  })
  return done
}

/** Every choice of steps that are broken. */
const CHOICES = Array.from({ length: 2 ** STEPS.length }, (_, bits) =>
  STEPS.filter((_, index) => (bits >> index) & 1),
)

it.each(CHOICES.map((broken) => ({ broken })))(
  'broken: $broken; the rest is told, without a secret',
  ({ broken }) => {
    const done = tell(broken)
    const names = done.map(([name]) => name)
    const works = (name: string) => !broken.some((other) => other === name)
    const annotation = works('annotate') ? 'annotate' : 'annotatePlainly'
    const expected = ['setOutputs', annotation, 'summarize', 'debug']
      .filter(works)
      .filter((name) => name !== 'debug' || works('redact'))
    expect(names).toEqual(expected)
    expect(JSON.stringify(done)).not.toContain('secret')
  },
)

it('tells the reason as a closed verdict', () => {
  const [[, verdict] = []] = tell([])
  expect(JSON.parse(verdict ?? '')).toMatchObject({
    open: false,
    problems: ['the gate failed: Error: ***'],
  })
})

it.each([
  ['no error', 'secret', 'the gate failed: Error: ***'],
  ['nothing', null, 'the gate failed: Error: null'],
  ['what cannot be made text', Object.create(null), 'the gate failed: the reason cannot be told'],
])('takes %s', (_, error, problem) => {
  const [[, verdict] = []] = tell([], error)
  expect(JSON.parse(verdict ?? '').problems).toEqual([problem])
})

it('tells a stack without secrets, or not at all', () => {
  const stacks: string[] = []
  const debug = (text: string) => stacks.push(text)
  tellStack(new Error('x'), { redact: () => '***', debug })
  const redact = () => {
    throw new Error('secret')
  }
  tellStack(new Error('secret'), { redact, debug })
  expect(stacks).toEqual(['***'])
})
