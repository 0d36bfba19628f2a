const fuzzing = process.env['MODE'] === 'fuzz'
const seed = Number(process.env['FUZZ_SEED'] ?? (fuzzing ? Date.now() % 2 ** 31 : 20_261_125))
const numRuns = Number(process.env['FUZZ_RUNS'] ?? (fuzzing ? 100_000 : 1_000))
if (fuzzing) console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`)

/**
 * How properties are tried: with a fixed seed and few runs; with `npm run fuzz`, with a new seed, which is printed, and
 * 100,000 runs of each. FUZZ_SEED and FUZZ_RUNS override both.
 */
export const FUZZ = { seed, numRuns }
