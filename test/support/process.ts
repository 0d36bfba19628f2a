import type { ChildProcess } from 'node:child_process'

/** Keeps the process of a step for a test that signals it: `onStart` is the option of `runStep`. */
export function trackProcess() {
  let child: ChildProcess | undefined
  return {
    onStart(started: ChildProcess): void {
      child = started
    },
    /** Sends a signal; does nothing before the start. */
    kill(signal: NodeJS.Signals): void {
      child?.kill(signal)
    },
  }
}
