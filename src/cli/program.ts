import { Command, Option } from 'commander'
import { addCompletion } from './commands/completion.ts'
import { apiCommand } from './commands/api.ts'
import { clientCommand } from './commands/client.ts'
import { addConfiguration } from './commands/configuration.ts'
import { traceCommand } from './commands/client-test.ts'
import { contextCommand } from './commands/context.ts'
import { keyCommand } from './commands/key.ts'
import { registrationCommand } from './commands/registration.ts'
import { addSessionCommands } from './commands/session.ts'
import { tokenCommand } from './commands/token.ts'
import { addTui } from './commands/tui.ts'
import { formats } from './output.ts'

/** The whole command. What it is called with wrongly is thrown. */
export function createProgram(version: string): Command {
  const program = new Command('cerberus')
    .description('Administers Cerberus servers over HTTP.')
    .version(version)
    .option('-c, --context <name>', 'the context to work in, instead of the one in use')
    .option('--server <address>', 'the server, instead of a context')
    .option('--org <slug>', 'the organisation that you believe to act in')
    .addOption(new Option('-o, --output <format>', 'how answers are written').choices(formats))
  program.addCommand(contextCommand())
  addSessionCommands(program)
  program.addCommand(clientCommand())
  addConfiguration(program)
  program.addCommand(registrationCommand())
  program.addCommand(traceCommand())
  program.addCommand(keyCommand())
  program.addCommand(tokenCommand())
  addTui(program)
  // Whatever is no command is the operationId of one.
  program.addCommand(apiCommand(), { isDefault: true })
  addCompletion(program)
  for (const command of everyCommand(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true }).helpCommand(false)
    command.configureOutput({ outputError: () => undefined })
  }
  return program
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}
