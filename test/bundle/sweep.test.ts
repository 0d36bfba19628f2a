import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkEnd } from '../support/ends.ts'
import type { ReplyServer } from '../support/replies.ts'
import { DISTURBANCES, runTrial, startPeers } from '../support/sweep.ts'

/** How many trials each course gets with each number of peers; `npm run sweep` makes a thousand. */
const TRIALS = 4

let server: ReplyServer
beforeAll(async () => {
  server = await startPeers()
})
afterAll(() => server.close())

it.each([
  ['open', 100],
  ['closed', 50],
  ['waiting', 50],
] as const)(
  'a run that is %s, with %i peers, ends one way or the other, whenever a signal comes',
  async (course, peers) => {
    const alone = { course, peers, signals: [], after: 'start', delayMs: 0 } as const
    const startedAt = performance.now()
    expect(checkEnd(await runTrial(server, alone))).toBe(course === 'closed' ? 'closed' : 'open')
    const lifeMs = performance.now() - startedAt

    const trial = async (number: number) => {
      const signals = DISTURBANCES[number % DISTURBANCES.length] ?? []
      const share = number / TRIALS
      // Half of them over the whole life, the other half around the verdict.
      const when =
        number % 2 === 0
          ? ({ after: 'start', delayMs: share * lifeMs } as const)
          : ({ after: 'answers', delayMs: share * 30 } as const)
      const step = await runTrial(server, { course, peers, signals, ...when })
      const end = checkEnd(step)
      if (course === 'closed') expect(end).not.toBe('open')
    }
    for (let number = 0; number < TRIALS; number += 2) {
      await Promise.all([trial(number), trial(number + 1)])
    }
  },
)
