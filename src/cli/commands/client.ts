// `commands` has a file for each family of commands: what they are called with, what they ask the server, what they show.

import { Command } from 'commander'
import { clientPath, json, readClient, showChanged } from '../client-requests.ts'
import { confirm } from '../confirm.ts'
import { DATA, parse, readData, readPair } from '../data.ts'
import { exitCodes, Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { show, tell } from '../output.ts'
import { addClientEdit } from './client-edit.ts'
import { addClientGrants } from './client-grants.ts'
import { addClientList } from './client-list.ts'
import { addClientSecrets } from './client-secrets.ts'
import { addClientTest } from './client-test.ts'
import { addClientTransfer } from './client-transfer.ts'

interface ChangeOptions {
  dryRun?: true
  yes?: true
  ifMatch?: string
}

interface PatchOptions extends ChangeOptions {
  data?: string
  set: Record<string, unknown>
}

/** `cerberus client`: the clients of the organisation. `<id>` is the id of one, or its clientId. */
export function clientCommand(): Command {
  const client = new Command('client').description('the clients of the organisation')
  const changing = (words: string, description: string) =>
    client.command(words).description(description).option('--dry-run', 'say what would be done, and do nothing')
  const rehearsed = ({ dryRun }: ChangeOptions) => (dryRun ? '?dryRun=true' : '')
  const onlyIf = ({ ifMatch }: ChangeOptions) => (ifMatch === undefined ? {} : { 'if-match': ifMatch })

  changing('create', 'register a client; its secret is shown this once')
    .requiredOption('-d, --data <data>', DATA)
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { data: string }>(command)
      const path = `/v1/admin/clients${rehearsed(options)}`
      showChanged(await open().call({ method: 'POST', path, ...json(readData(options.data)) }), format)
    })

  addClientList(client)

  client
    .command('get <id>')
    .description('show a client')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      show((await readClient(open(), id)).client, format)
    })

  addClientEdit(client)

  changing('patch <id>', 'change members of a client')
    .option('-d, --data <data>', 'a merge patch (RFC 7396), or a list of operations (RFC 6902)')
    .option('--set <member=value>', 'set a member to JSON, YAML or text; may be repeated', collect, {})
    .option('--if-match <etag>', 'only if nobody has changed it since')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<PatchOptions>(command)
      const alone = Object.keys(options.set).length > 0
      if (alone === (options.data !== undefined))
        throw new Failure('usage', 'Say what to change: by --data or by --set.')
      const patch = options.data === undefined ? options.set : readData(options.data)
      const body = json(patch, `application/${Array.isArray(patch) ? 'json' : 'merge'}-patch+json`)
      const headers = { ...body.headers, ...onlyIf(options) }
      const path = clientPath(id, rehearsed(options))
      showChanged(await open().call({ ...body, method: 'PATCH', path, headers }), format)
    })

  changing('replace <id>', 'replace the settings of a client; what is left out goes back to its default')
    .requiredOption('-d, --data <data>', DATA)
    .option('-y, --yes', 'do not ask')
    .option('--if-match <etag>', 'only if nobody has changed it since')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { data: string }>(command)
      const session = open()
      const body = json(readData(options.data))
      if (!options.dryRun) await confirm(`Replace the settings of ${id}?`, options.yes ?? false)
      const headers = { ...body.headers, ...onlyIf(options) }
      const path = clientPath(id, rehearsed(options))
      showChanged(await session.call({ ...body, method: 'PUT', path, headers }), format)
    })

  client
    .command('rotate-secret <id>')
    .description('make a new secret, shown this once; the others end')
    .option('--overlap <seconds>', 'how long the others are still good', '0')
    .option('-y, --yes', 'do not ask')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ overlap: string; yes?: true }>(command)
      if (!/^\d{1,9}$/.test(options.overlap)) throw new Failure('usage', '--overlap is a number of seconds.')
      const session = open()
      await confirm(`Replace the secret of ${id}?`, options.yes ?? false)
      const body = json({ overlapSeconds: Number(options.overlap) })
      showChanged(await session.call({ method: 'POST', path: clientPath(id, '/rotate-secret'), ...body }), format)
    })

  for (const [verb, description] of [
    ['disable', 'switch a client off, until it is enabled again'],
    ['enable', 'switch a client on again'],
  ] as const) {
    changing(`${verb} <id>`, description).action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions>(command)
      showChanged(await open().call({ method: 'POST', path: clientPath(id, `/${verb}${rehearsed(options)}`) }), format)
    })
  }

  changing('delete <id>', 'delete a client, for good')
    .option('-y, --yes', 'do not ask')
    .option('--if-match <etag>', 'only if nobody has changed it since')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions>(command)
      const session = open()
      if (!options.dryRun) await confirm(`Delete ${id}, and void all that was issued to it?`, options.yes ?? false)
      const path = clientPath(id, rehearsed(options))
      const answer = await session.call({ method: 'DELETE', path, headers: onlyIf(options) })
      if (answer.body === undefined) tell(`Deleted ${id}.`)
      else showChanged(answer, format)
    })

  changing('clone <id>', 'register a client like another; its secret is shown this once')
    .option('--name <name>', 'how it is called')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ChangeOptions & { name?: string }>(command)
      const body = json(options.name === undefined ? {} : { name: options.name })
      const path = clientPath(id, `/clone${rehearsed(options)}`)
      showChanged(await open().call({ method: 'POST', path, ...body }), format)
    })

  client
    .command('lint <id>')
    .description('tell what is risky in a client')
    .option('--strict', 'end with 1 where anything is')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<{ strict?: true }>(command)
      const { body } = await open().call({ method: 'GET', path: clientPath(id, '/lint') })
      const { data } = body as { data: object[] }
      if (data.length === 0 && format === 'table') tell('Nothing is risky.')
      else show(data, format)
      if (data.length > 0 && options.strict) process.exitCode = exitCodes.failure
    })

  addClientTest(client)
  addClientSecrets(client)
  addClientGrants(client)
  addClientTransfer(client)
  return client
}

function collect(given: string, before: Record<string, unknown>): Record<string, unknown> {
  const [member, value] = readPair(given, '--set takes member=value')
  return { ...before, [member]: parse(value, given) }
}
