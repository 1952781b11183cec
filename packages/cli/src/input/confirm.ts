// `input` is what a user gives a command besides options: data as JSON or YAML, and the answer to a question.

import { createInterface } from 'node:readline'
import { Failure } from '../failure.ts'

/** Asks for confirmation at the terminal. Without a terminal, `--yes` is required. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY) throw new Failure('usage', `${question} Confirm with --yes: there is no terminal.`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''))
    lines.question(`${question} [y/N] `, resolve)
  })
  lines.close()
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure('failure', 'Cancelled. Nothing was changed.')
}
