import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { runStep } from '../../sample/runner.ts'
import { ODD_ANSWERS, type OddAnswer } from './odd.ts'
import { makeFolder, run, track } from './processes.ts'
import type { Outcome } from './stage.ts'

const BUILD_MS = 300_000
const POLL_MS = 20_000

/**
 * Lets the gate and the poller of a checkout of the store judge the same odd answers, and prints each difference with its
 * reason. What is not known to differ must not.
 */
export async function compareOddAnswers(checkout: string): Promise<Outcome> {
  const judgements = await judgeOddAnswers(await buildPoller(checkout))
  const stricter = judgements.filter(({ stricter }) => stricter !== null)
  for (const judgement of stricter) console.log(`    ${describeJudgement(judgement)}`)
  return {
    seen: `${judgements.length} answers, the gate is stricter on purpose with ${stricter.length}`,
    differences: judgements.flatMap((judgement) => describeSurprise(judgement) ?? []),
    log: '',
  }
}

/** Builds the program around the store's poller in a checkout of the store, and returns its path. */
async function buildPoller(checkout: string): Promise<string> {
  const program = join(makeFolder(), 'poller')
  const source = join(import.meta.dirname, 'poller/main.go')
  await run('go', ['build', '-o', program, source], BUILD_MS, { cwd: checkout })
  return program
}

/** What the gate and the store's own poller made of one answer. */
export interface Judgement extends OddAnswer {
  readonly gateSaid: string
  readonly storePasses: boolean
}

/** Lets the gate and the poller ask for every odd answer. */
async function judgeOddAnswers(poller: string): Promise<Judgement[]> {
  const server = await serve()
  const peers = JSON.stringify(ODD_ANSWERS.map((_, index) => `http://${server.address}/${index}`))
  try {
    const said: { passes: boolean }[] = JSON.parse(await run(poller, [], POLL_MS, { input: peers }))
    const { outputs } = await runStep({ peers, timeout: '2s' }, { onStart: track })
    const report: { peers: { status: string }[] } = JSON.parse(outputs['report'] ?? '')
    return ODD_ANSWERS.map((odd, index) => ({
      ...odd,
      gateSaid: report.peers[index]?.status ?? 'nothing',
      storePasses: said[index]?.passes ?? false,
    }))
  } finally {
    server.close()
  }
}

/** A judgement in one line, with the reason where the gate is stricter. */
function describeJudgement({ title, gateSaid, storePasses, stricter }: Judgement): string {
  const verdicts = `gate ${gateSaid}, store ${storePasses ? 'passes' : 'refuses'}`
  return stricter === null ? `${title}: ${verdicts}` : `${title}: ${verdicts}; ${stricter}`
}

/** How a judgement differs from what is known of it; null if it does not. */
export function describeSurprise(judgement: Judgement): string | null {
  const { gate, gateSaid, stricter, storePasses } = judgement
  const passes = gate === 'advertises' || stricter !== null
  if (gateSaid === gate && storePasses === passes) return null
  const fault = gateSaid === 'advertises' && !storePasses ? 'A FAULT, ' : ''
  const expected = `gate ${gate}, store ${passes ? 'passes' : 'refuses'}`
  return `${fault}${describeJudgement(judgement)}; expected ${expected}`
}

/** Serves the odd answers by their number as the first segment of the path. */
async function serve() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.once('close', () => sockets.delete(socket))
    let request = ''
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1')
      if (!request.endsWith('\r\n\r\n')) return
      const name = /^GET \/([^/]+)\/sqs_health/.exec(request)?.[1]
      const { bytes: answer, open } = ODD_ANSWERS[name === 'good' ? 0 : Number(name)] as OddAnswer
      if (open) socket.write(answer)
      else socket.end(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    address: `127.0.0.1:${address.port}`,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
