import { beginStep } from './step/step.ts'

/** The step of the canary: not proven until proven. */
export const step = beginStep({
  failure: 'htfifo canary NOT PROVEN',
  output: 'proven',
})
