// `input` is what a user gives a command besides options: data as JSON or YAML, and the answer to a question.

import { createInterface } from 'node:readline'
import { Failure } from '../failure.ts'
import { printable } from '../output/printable.ts'

/** Asks for confirmation at the terminal; without one, `--yes` is required. A function makes the question only if it is asked. */
export async function confirm(question: string | (() => Promise<string>), yes: boolean): Promise<void> {
  if (yes) return
  const text = typeof question === 'string' ? question : await question()
  if (!process.stdin.isTTY) throw new Failure('usage', `${text} Confirm with --yes: there is no terminal.`)
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''))
    lines.question(`${printable(text)} [y/N] `, resolve)
  })
  lines.close()
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new Failure('failure', 'Cancelled. Nothing was changed.')
}
