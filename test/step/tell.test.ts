import { expect, it } from 'vitest'
import type { Step } from '../../src/step/startup.ts'
import { type Telling, tellVerdict } from '../../src/step/tell.ts'

/** Tells a verdict that a cancelled run makes a failure; returns the step and what was told, in order. */
async function tell(make: (cancel: () => void, step: Step) => Partial<Telling<string, string>>) {
  const told: string[] = []
  const controller = new AbortController()
  const { signal } = controller
  const step: Step = { signal, output: 'ok', told: null, annotatePlainly: () => undefined }
  const note = (name: string) => (text?: string) => void told.push(`${name} ${text ?? ''}`.trim())
  const { summarize, setOutputs, setSuccess, ...rest } = make(() => controller.abort(), step)
  const done = await tellVerdict<string, string>(step, {
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
  return { step, told, done }
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
  expect(await tell(() => ({}))).toMatchObject({ told: OPEN, step: { told: 'success' } })
})

it('a failure is told without it', async () => {
  expect(await tell(() => ({ decide: () => 'closed' }))).toMatchObject({
    told: CLOSED,
    step: { told: 'failure' },
  })
})

it('a signal while the summary is written closes, and the summary is written again', async () => {
  expect(await tell((cancel) => ({ summarize: cancel }))).toMatchObject({
    told: CLOSED_LATE,
    step: { told: 'failure' },
  })
})

it.each([1, 2])('a signal that is heard %i turns after that closes as well', async (turns) => {
  const { told } = await tell((cancel) => {
    const wait = (left: number) => (left === 0 ? cancel() : void setImmediate(wait, left - 1))
    return { summarize: () => wait(turns) }
  })
  expect(told).toEqual(CLOSED_LATE)
})

it('a signal that comes later than that changes nothing', async () => {
  expect(await tell((cancel) => ({ setOutputs: cancel }))).toMatchObject({
    told: OPEN,
    step: { told: 'success' },
  })
})

it('nothing follows where a crash was told meanwhile', async () => {
  const { told } = await tell((_, step) => ({
    summarize() {
      step.told = 'failure'
    },
  }))
  expect(told).toEqual(OPEN.slice(0, 2))
})

it.each(['setOutputs', 'setSuccess'] as const)(
  'no success is told where %s fails',
  async (part) => {
    const broken = () => {
      throw new Error('disk full')
    }
    expect(await tell(() => ({ [part]: broken }))).toMatchObject({
      done: 'Error: disk full',
      step: { told: null },
    })
  },
)

it('a success stays one if its annotation fails', async () => {
  const annotate = () => {
    throw new Error('nobody reads')
  }
  expect(await tell(() => ({ annotate }))).toMatchObject({ step: { told: 'success' } })
})
