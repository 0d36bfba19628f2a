/** Whether `npm run sweep` runs the tests: all of what the suite takes a sample of. */
export const SWEEPING = process.env['MODE'] === 'sweep'

/** All items while sweeping, otherwise every nth of them, the first included. */
export const sample = <T>(n: number, items: readonly T[]): readonly T[] =>
  SWEEPING ? items : items.filter((_, index) => index % n === 0)
