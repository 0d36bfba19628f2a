import { beginStep } from './step/step.ts'

/** The step of the gate: closed until proven open. */
export const step = beginStep({
  failure: 'htfifo gate CLOSED',
  output: 'all-advertise',
})
