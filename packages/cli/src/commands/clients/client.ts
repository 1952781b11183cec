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
import { addMember, DATA_HELP, readData } from '../../input/data.ts'
import { printChangedClient, printClient } from '../../output/client-output.ts'
import { log } from '../../output/log.ts'
import { printWarnings } from '../../output/check-output.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'
import { addViewOption, viewOf, type ViewOptions } from './client-view.ts'
import { addClientClaims } from './claims.ts'
import { addClientEdit } from './edit.ts'
import { addClientGrants } from './grants.ts'
import { identifyClient, questionWithDependents } from './identify-client.ts'
import { addClientList } from './list.ts'
import { addClientSecrets } from './secrets.ts'
import { addClientTest } from './test.ts'
import { addClientTransfer } from './transfer.ts'

interface ChangeOptions extends ViewOptions {
  dryRun?: true
  yes?: true
  ifMatch?: string
}

interface PatchOptions extends ChangeOptions {
  data?: string
  set?: Record<string, unknown>
}

const IF_MATCH_HELP = 'only if the client still has this ETag'

/** `cerberus client`. `<id>` is the id or the clientId of a client. */
export function clientCommand(): Command {
  const client = new Command('client').description('clients of the organisation')
  const change = (words: string, description: string) =>
    addViewOption(
      client.command(words).description(description).option('--dry-run', 'show the changes without applying them'),
    )

  change('create', 'register a client; its secret is shown once')
    .requiredOption('-d, --data <data>', DATA_HELP)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { data: string }>(command)
      const [session, settings] = [open(), readData(options.data)]
      const response = await send(session, createClient(settings), options)
      await printChangedClient(response, format, viewOf(session, options, settings))
    })

  addClientList(client)

  addViewOption(client.command('get <id>').alias('show').description('show a client')).action(
    async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ViewOptions>(command)
      const session = open()
      await printClient((await session.send(getClient(id))).body, format, viewOf(session, options))
    },
  )

  addClientEdit(client)

  change('patch <id>', 'change settings of a client')
    .option('-d, --data <data>', 'a merge patch (RFC 7396), or a list of operations (RFC 6902)')
    .option('--set <member=value>', 'set a member to JSON, YAML or text; repeatable', addMember)
    .option('--if-match <etag>', IF_MATCH_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PatchOptions>(command)
      const { set = {} } = options
      const hasMembers = Object.keys(set).length > 0
      if (hasMembers === (options.data !== undefined)) {
        throw new Failure('usage', 'Name the changes either by --data or by --set.')
      }
      const patch = options.data === undefined ? set : readData(options.data)
      const session = open()
      const response = await send(session, patchClient(id, patch), options)
      await printChangedClient(response, format, viewOf(session, options, patch))
    })

  change('replace <id>', 'replace the settings of a client; those left out return to their defaults')
    .requiredOption('-d, --data <data>', DATA_HELP)
    .option('-y, --yes', 'replace without confirmation')
    .option('--if-match <etag>', IF_MATCH_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { data: string }>(command)
      const session = open()
      const settings = readData(options.data)
      if (!options.dryRun) {
        const question = async () => `Replace the settings of ${await identifyClient(session, id)}?`
        await confirm(question, options.yes ?? false)
      }
      const response = await send(session, replaceClient(id, settings), options)
      await printChangedClient(response, format, viewOf(session, options, settings))
    })

  addViewOption(client.command('rotate-secret <id>'))
    .description('replace all secrets by a new one, which is shown once')
    .option('--overlap <seconds>', 'how long the previous secrets stay valid', '0')
    .option('-y, --yes', 'rotate without confirmation')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ViewOptions & { overlap: string; yes?: true }>(command)
      if (!/^\d{1,9}$/.test(options.overlap)) throw new Failure('usage', '--overlap must be a number of seconds.')
      const session = open()
      const overlap = Number(options.overlap)
      const end = overlap === 0 ? 'stop working now' : `work for ${overlap} more seconds`
      const question = async () =>
        `Replace the secrets of ${await identifyClient(session, id)}? The previous ones ${end}.`
      await confirm(question, options.yes ?? false)
      const response = await session.send(rotateClientSecret(id, overlap))
      await printChangedClient(response, format, viewOf(session, options))
    })

  for (const [verb, description, request] of [
    ['disable', 'disable a client until it is enabled again', disableClient],
    ['enable', 'enable a client again', enableClient],
  ] as const) {
    change(`${verb} <id>`, description).action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions>(command)
      const session = open()
      const response = await send(session, request(id), options)
      await printChangedClient(response, format, viewOf(session, options))
    })
  }

  change('delete <id>', 'delete a client permanently')
    .option('-y, --yes', 'delete without confirmation')
    .option('--if-match <etag>', IF_MATCH_HELP)
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions>(command)
      const session = open()
      if (!options.dryRun) {
        await confirm(() => questionWithDependents(session, 'Delete', id), options.yes ?? false)
      }
      const request = ifMatch(deleteClient(id), options.ifMatch)
      if (options.dryRun) {
        return printChangedClient(await session.send(asDryRun(request)), format, viewOf(session, options))
      }
      await session.send(request)
      log(`Deleted ${id}.`)
    })

  change('clone <id>', 'register a client with the settings of another; its secret is shown once')
    .option('--name <name>', 'the name of the new client')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { name?: string }>(command)
      const session = open()
      const response = await send(session, cloneClient(id, options.name), options)
      await printChangedClient(response, format, viewOf(session, options))
    })

  client
    .command('lint <id>')
    .description('list risky settings of a client')
    .option('--strict', 'exit with 1 if there are any')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ strict?: true }>(command)
      const { data } = (await open().send(lintClient(id))).body
      if (data.length === 0 && format === 'table') log('There are no warnings.')
      else printWarnings(data, format)
      if (data.length > 0 && options.strict) process.exitCode = exitCodes.failure
    })

  addClientTest(client)
  addClientClaims(client)
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
