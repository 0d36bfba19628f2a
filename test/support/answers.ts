import type { Answer } from '../../src/exchange/exchange.ts'

/** A 200 with a body, as an exchange would read it, with overrides. */
export const answerWith = (body: string | Uint8Array, rest: Partial<Answer> = {}): Answer => ({
  httpStatus: 200,
  head: {},
  body: typeof body === 'string' ? Buffer.from(body) : body,
  proxy: null,
  ...rest,
})
