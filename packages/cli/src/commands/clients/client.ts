// `clients` is `cerberus client`: the clients of the organisation, one file for each group of subcommands.

import {
  type ApiRequest,
  type ApiResponse,
  asDryRun,
  type ChangedClient,
  cloneClient,
  createClient,
  deleteClient,
  disableClient,
  type DryRun,
  enableClient,
  getClient,
  ifMatch,
  lintClient,
  patchClient,
  replaceClient,
  rotateClientSecret,
} from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { exitCodes, Failure } from '../../failure.ts'
import { confirm } from '../../input/confirm.ts'
import { DATA_HELP, parseData, readData, readPair } from '../../input/data.ts'
import { printChangedClient } from '../../output/client-output.ts'
import { log } from '../../output/log.ts'
import { print } from '../../output/print.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'
import { addClientEdit } from './edit.ts'
import { addClientGrants } from './grants.ts'
import { addClientList } from './list.ts'
import { addClientSecrets } from './secrets.ts'
import { addClientTest } from './test.ts'
import { addClientTransfer } from './transfer.ts'

interface ChangeOptions {
  dryRun?: true
  yes?: true
  ifMatch?: string
}

interface PatchOptions extends ChangeOptions {
  data?: string
  set: Record<string, unknown>
}

const IF_MATCH_HELP = 'only if the client still has this ETag'

/** `cerberus client`. `<id>` is the id or the clientId of a client. */
export function clientCommand(): Command {
  const client = new Command('client').description('clients of the organisation')
  const change = (words: string, description: string) =>
    client.command(words).description(description).option('--dry-run', 'show the changes without applying them')

  change('create', 'register a client; its secret is shown once')
    .requiredOption('-d, --data <data>', DATA_HELP)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { data: string }>(command)
      printChangedClient(await send(open(), createClient(readData(options.data)), options), format)
    })

  addClientList(client)

  client
    .command('get <id>')
    .description('show a client')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      print((await open().send(getClient(id))).body, format)
    })

  addClientEdit(client)

  change('patch <id>', 'change settings of a client')
    .option('-d, --data <data>', 'a merge patch (RFC 7396), or a list of operations (RFC 6902)')
    .option('--set <member=value>', 'set a member to JSON, YAML or text; repeatable', addMember, {})
    .option('--if-match <etag>', IF_MATCH_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PatchOptions>(command)
      const hasMembers = Object.keys(options.set).length > 0
      if (hasMembers === (options.data !== undefined)) {
        throw new Failure('usage', 'Name the changes either by --data or by --set.')
      }
      const patch = options.data === undefined ? options.set : readData(options.data)
      printChangedClient(await send(open(), patchClient(id, patch), options), format)
    })

  change('replace <id>', 'replace the settings of a client; those left out return to their defaults')
    .requiredOption('-d, --data <data>', DATA_HELP)
    .option('-y, --yes', 'replace without confirmation')
    .option('--if-match <etag>', IF_MATCH_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { data: string }>(command)
      const session = open()
      const request = replaceClient(id, readData(options.data))
      if (!options.dryRun) await confirm(`Replace the settings of ${id}?`, options.yes ?? false)
      printChangedClient(await send(session, request, options), format)
    })

  client
    .command('rotate-secret <id>')
    .description('replace all secrets by a new one, which is shown once')
    .option('--overlap <seconds>', 'how long the previous secrets stay valid', '0')
    .option('-y, --yes', 'rotate without confirmation')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ overlap: string; yes?: true }>(command)
      if (!/^\d{1,9}$/.test(options.overlap)) throw new Failure('usage', '--overlap must be a number of seconds.')
      const session = open()
      await confirm(`Replace the secret of ${id}?`, options.yes ?? false)
      printChangedClient(await session.send(rotateClientSecret(id, Number(options.overlap))), format)
    })

  for (const [verb, description, request] of [
    ['disable', 'disable a client until it is enabled again', disableClient],
    ['enable', 'enable a client again', enableClient],
  ] as const) {
    change(`${verb} <id>`, description).action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions>(command)
      printChangedClient(await send(open(), request(id), options), format)
    })
  }

  change('delete <id>', 'delete a client permanently')
    .option('-y, --yes', 'delete without confirmation')
    .option('--if-match <etag>', IF_MATCH_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions>(command)
      const session = open()
      if (!options.dryRun) await confirm(`Delete ${id} and revoke everything issued to it?`, options.yes ?? false)
      const request = ifMatch(deleteClient(id), options.ifMatch)
      if (options.dryRun) return printChangedClient(await session.send(asDryRun(request)), format)
      await session.send(request)
      log(`Deleted ${id}.`)
    })

  change('clone <id>', 'register a client with the settings of another; its secret is shown once')
    .option('--name <name>', 'the name of the new client')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { name?: string }>(command)
      printChangedClient(await send(open(), cloneClient(id, options.name), options), format)
    })

  client
    .command('lint <id>')
    .description('list risky settings of a client')
    .option('--strict', 'exit with 1 if there are any')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ strict?: true }>(command)
      const { data } = (await open().send(lintClient(id))).body
      if (data.length === 0 && format === 'table') log('There are no warnings.')
      else print(data, format)
      if (data.length > 0 && options.strict) process.exitCode = exitCodes.failure
    })

  addClientTest(client)
  addClientSecrets(client)
  addClientGrants(client)
  addClientTransfer(client)
  return client
}

/** Sends a change with its precondition, or its dry run. */
async function send(
  session: Session,
  request: ApiRequest<ChangedClient>,
  options: ChangeOptions,
): Promise<ApiResponse<ChangedClient | DryRun>> {
  const conditional = ifMatch(request, options.ifMatch)
  return options.dryRun ? session.send(asDryRun(conditional)) : session.send(conditional)
}

function addMember(argument: string, before: Record<string, unknown>): Record<string, unknown> {
  const [member, value] = readPair(argument, '--set requires member=value')
  return { ...before, [member]: parseData(value, argument) }
}
