import type { Answer } from '../../src/exchange/exchange.ts'

/** The fields of an answer without any that the decision looks at. */
export const NO_FIELDS: Answer['fields'] = {
  location: undefined,
  age: undefined,
  warning: undefined,
  contentEncoding: undefined,
}

/** A 200 with a body, as an exchange would read it, with overrides. */
export const answerWith = (body: string | Uint8Array, rest: Partial<Answer> = {}): Answer => ({
  httpStatus: 200,
  fields: NO_FIELDS,
  body: typeof body === 'string' ? Buffer.from(body) : body,
  proxy: null,
  ...rest,
})
