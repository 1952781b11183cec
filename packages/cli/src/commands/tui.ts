import type { Command } from 'commander'
import { Failure } from '../failure.ts'
import { prepareForTui } from '../system/environment.ts'
import { invocationOf } from './invocation.ts'

/** `cerberus tui`. Ink and React are loaded when it is called, so that other commands start without them. */
export function addTui(program: Command): void {
  program
    .command('tui')
    .description('manage clients in an interactive terminal UI')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf(command)
      const session = open()
      if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw new Failure('usage', 'The terminal UI needs a terminal. Scripts can use cerberus client.')
      }
      if (session.source === 'context') await session.accessToken()
      const hasColours = prepareForTui()
      const { runTui } = await import('../tui/run.tsx')
      const { server, name, context } = session
      const organisation = options.org ?? context.organisation ?? undefined
      await runTui({ session, target: { server, context: name, organisation }, hasColours })
    })
}
