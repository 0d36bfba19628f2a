import { expect, it } from 'vitest'
import { type Publisher, publishVerdict } from '../../src/step/publish.ts'
import type { Step } from '../../src/step/startup.ts'

/** Publishes a verdict that a cancelled run makes a failure; returns the step and what was published, in order. */
async function publish(
  make: (cancel: () => void, step: Step) => Partial<Publisher<string, string>>,
) {
  const published: string[] = []
  const controller = new AbortController()
  const { signal } = controller
  const step: Step = { signal, output: 'ok', published: null, annotatePlainly: () => undefined }
  const note = (name: string) => (text?: string) =>
    void published.push(`${name} ${text ?? ''}`.trim())
  const { summarize, setOutputs, setSuccess, ...rest } = make(() => controller.abort(), step)
  const done = await publishVerdict<string, string>(step, {
    decide: () => (signal.aborted ? 'closed' : 'open'),
    isSuccess: (verdict) => verdict === 'open',
    log: note('log'),
    render: (verdict) => `page of ${verdict}`,
    annotate: note('annotate'),
    ...rest,
    summarize(page) {
      note('summarize')(page)
      summarize?.(page)
    },
    setOutputs(page) {
      note('outputs')(page)
      setOutputs?.(page)
    },
    setSuccess() {
      note('success')()
      setSuccess?.()
    },
  }).catch(String)
  return { step, published, done }
}

const OPEN = [
  'log open',
  'summarize page of open',
  'outputs page of open',
  'success',
  'annotate open',
]
const CLOSED = [
  'log closed',
  'summarize page of closed',
  'outputs page of closed',
  'annotate closed',
]
const CLOSED_LATE = [...OPEN.slice(0, 2), ...CLOSED.slice(1)]

it('a success is said last, after everything that takes time', async () => {
  expect(await publish(() => ({}))).toMatchObject({
    published: OPEN,
    step: { published: 'success' },
  })
})

it('a failure is published without a success', async () => {
  expect(await publish(() => ({ decide: () => 'closed' }))).toMatchObject({
    published: CLOSED,
    step: { published: 'failure' },
  })
})

it('a signal while the summary is written closes, and the summary is written again', async () => {
  expect(await publish((cancel) => ({ summarize: cancel }))).toMatchObject({
    published: CLOSED_LATE,
    step: { published: 'failure' },
  })
})

it.each([1, 2])('a signal that is heard %i turns after that closes as well', async (turns) => {
  const { published } = await publish((cancel) => {
    const wait = (left: number) => (left === 0 ? cancel() : void setImmediate(wait, left - 1))
    return { summarize: () => wait(turns) }
  })
  expect(published).toEqual(CLOSED_LATE)
})

it('a signal that comes later than that changes nothing', async () => {
  expect(await publish((cancel) => ({ setOutputs: cancel }))).toMatchObject({
    published: OPEN,
    step: { published: 'success' },
  })
})

it('nothing follows where a crash was published meanwhile', async () => {
  const { published } = await publish((_, step) => ({
    summarize() {
      step.published = 'failure'
    },
  }))
  expect(published).toEqual(OPEN.slice(0, 2))
})

it.each(['setOutputs', 'setSuccess'] as const)(
  'no success is published where %s fails',
  async (part) => {
    const broken = () => {
      throw new Error('disk full')
    }
    expect(await publish(() => ({ [part]: broken }))).toMatchObject({
      done: 'Error: disk full',
      step: { published: null },
    })
  },
)

it('a success stays one if its annotation fails', async () => {
  const annotate = () => {
    throw new Error('nobody reads')
  }
  expect(await publish(() => ({ annotate }))).toMatchObject({ step: { published: 'success' } })
})
