import { createInterface } from 'node:readline'
import { Failure } from './failure.ts'

/** Asks before something is destroyed. Without a terminal there is nobody to ask, and `--yes` must say it. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY) throw new Failure('usage', `${question} Say so with --yes: there is no terminal to ask at.`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''))
    lines.question(`${question} [y/N] `, resolve)
  })
  lines.close()
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure('failure', 'Nothing was done.')
}
