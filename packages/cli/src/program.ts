import { Command, Option } from 'commander'
import { apiCommand } from './commands/api.ts'
import { auditCommand } from './commands/audit.ts'
import { clientCommand } from './commands/clients/client.ts'
import { addCompletion } from './commands/completion/completion.ts'
import { addConfiguration } from './commands/configuration.ts'
import { contextCommand } from './commands/sign-in/context.ts'
import { eventsCommand } from './commands/events.ts'
import { keyCommand } from './commands/key.ts'
import { ownerCommand } from './commands/owner.ts'
import { registrationCommand } from './commands/registration.ts'
import { addSessionCommands } from './commands/sign-in/session.ts'
import { tokenCommand } from './commands/token.ts'
import { traceCommand } from './commands/trace.ts'
import { addTui } from './commands/tui.ts'
import { addUserBulk } from './commands/directory/change-users.ts'
import { addUserExport } from './commands/directory/export-users.ts'
import { addInvitationImport } from './commands/directory/import-invitations.ts'
import { addUserImport } from './commands/directory/import-users.ts'
import { resourceCommand } from './commands/directory/resource-command.ts'
import { resources } from './directory/resources.ts'
import { formats } from './output/print.ts'

/** The command line. Parsing throws where the arguments are wrong. */
export function createProgram(version: string): Command {
  const program = new Command('cerberus')
    .description('Administers Cerberus servers over HTTP.')
    .version(version)
    .option('-c, --context <name>', 'use this context instead of the current one')
    .option('--server <address>', 'use this server instead of a context')
    .option('--org <slug>', 'the organisation to act in; the server rejects any but your own')
    .addOption(new Option('-o, --output <format>', 'format of the result').choices(formats))
  program.addCommand(contextCommand())
  addSessionCommands(program)
  program.addCommand(clientCommand())
  for (const resource of resources) {
    const command = resourceCommand(resource)
    if (resource.noun === 'user') {
      addUserImport(command)
      addUserBulk(command)
      addUserExport(command)
    }
    if (resource.noun === 'invitation') addInvitationImport(command)
    program.addCommand(command)
  }
  addConfiguration(program)
  program.addCommand(registrationCommand())
  program.addCommand(auditCommand())
  program.addCommand(eventsCommand())
  program.addCommand(traceCommand())
  program.addCommand(keyCommand())
  program.addCommand(tokenCommand())
  program.addCommand(ownerCommand())
  addTui(program)
  // An unknown command is taken as an operationId.
  program.addCommand(apiCommand(), { isDefault: true })
  addCompletion(program)
  for (const command of allCommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true }).helpCommand(false)
    command.configureOutput({ outputError: () => undefined })
  }
  return program
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}
