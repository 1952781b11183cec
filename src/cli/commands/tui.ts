import type { Command } from 'commander'
import { readyForScreen } from '../environment.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'

/** `cerberus tui`. What it is drawn with is read when it is called, so that other commands start without it. */
export function addTui(program: Command): void {
  program
    .command('tui')
    .description('work with the clients on a screen, by keys')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf(command)
      const session = open()
      if (!process.stdin.isTTY || !process.stdout.isTTY) {
        throw new Failure('usage', 'The screen needs a terminal. For scripts there is cerberus client.')
      }
      if (session.source === 'context') await session.accessToken()
      const hasColours = readyForScreen()
      const { runTui } = await import('../tui/run.tsx')
      const { server, name, context } = session
      const organisation = options.org ?? context.organisation ?? undefined
      await runTui({ session, whereabouts: { server, context: name, organisation }, hasColours })
    })
}
