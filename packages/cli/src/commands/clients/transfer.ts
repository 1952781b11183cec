import {
  asDryRun,
  type Client,
  type ClientSettings,
  createClient,
  getClient,
  getOpenApiDocument,
  ifMatch,
  isChosenClientId,
  readAllClients,
  replaceClient,
  requireDryRun,
  settingsOf,
} from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { Failure, toFailure } from '../../failure.ts'
import { confirm } from '../../input/confirm.ts'
import { readData } from '../../input/data.ts'
import { log } from '../../output/log.ts'
import { print, printList } from '../../output/print.ts'
import type { Columns } from '../../output/table.ts'
import { sendOrThrow } from '../../requests/send.ts'
import type { Session } from '../../sign-in/session.ts'
import { invocationOf } from '../invocation.ts'
import { identifyClient } from './identify-client.ts'

interface ImportOptions {
  data: string
  asNew?: true
  dryRun?: true
  yes?: true
}

/** What was done with one client of the data. */
interface ImportResult {
  done: string
  clientId?: unknown
  name?: unknown
  changes?: string[]
  clientSecret?: unknown
}

const importColumns: Columns<ImportResult> = [
  'done',
  { member: 'clientId', isIdentifier: true },
  { member: 'clientSecret', isIdentifier: true },
  'name',
  'changes',
]

/** `cerberus client export` and `import`: the clientId and the settings of clients, without secrets. */
export function addClientTransfer(client: Command): void {
  client
    .command('export [id...]')
    .description('write clients in the format of import; all clients without an id')
    .action(async (ids: string[], _options: unknown, command: Command) => {
      const { options, open } = invocationOf(command)
      const session = open()
      const document = (await sendOrThrow(session.server, getOpenApiDocument())).body
      const clients: Client[] = []
      for (const id of ids) clients.push((await session.send(getClient(id))).body)
      if (ids.length === 0) clients.push(...(await readAllClients(session, { sort: 'clientId' })))
      const exported = clients.map((one) => ({ clientId: one.clientId, ...settingsOf(one, document) }))
      print(exported, options.output === 'json' ? 'json' : 'yaml')
    })

  client
    .command('import')
    .description('register clients, or replace those with the clientId of an existing one')
    .requiredOption('-d, --data <data>', 'a client or a list, JSON or YAML: a file, or - for standard input')
    .option('--as-new', 'register all of them, and ignore their clientId')
    .option('--dry-run', 'show the changes without applying them')
    .option('-y, --yes', 'replace clients without confirmation')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ImportOptions>(command)
      const session = open()
      const entries = [readData(options.data)].flat() as ClientSettings[]
      if (entries.some((entry) => typeof entry !== 'object' || entry === null)) {
        throw new Failure('invalid', 'The data must be a client or a list of clients.')
      }
      const replaces = (entry: ClientSettings) => !options.asNew && entry['clientId'] !== undefined
      if (!options.dryRun && !options.yes) {
        const found = entries
          .filter(replaces)
          .map(({ clientId }) => findOrNew(String(clientId), identifyClient(session, String(clientId))))
        const names = (await Promise.all(found)).filter((name) => name !== undefined)
        if (names.length > 0) await confirm(`Replace the settings of ${names.join(', ')}?`, false)
      }
      const results: ImportResult[] = []
      try {
        for (const entry of entries) {
          results.push(await (replaces(entry) ? replace(session, entry, options) : register(session, entry, options)))
        }
      } finally {
        // Secrets are shown once, so they are printed even if a later client is rejected.
        printList<ImportResult>(results, format, importColumns, { wraps: true })
        if (results.length < entries.length) log(`Imported ${results.length} of ${entries.length} clients.`)
      }
    })
}

async function replace(session: Session, entry: ClientSettings, options: ImportOptions): Promise<ImportResult> {
  const { clientId, name } = entry
  const id = String(clientId)
  const found = await findOrNew(id, session.send(getClient(id)))
  if (!found) return register(session, entry, options, { clientId })
  const { headers } = found
  const request = ifMatch(replaceClient(id, entry), headers.get('etag') ?? '*')
  const { changes } = requireDryRun(await session.send(asDryRun(request)))
  const members = changes.map(({ member }) => member)
  if (members.length === 0) return { done: 'unchanged', clientId, name, changes: [] }
  if (options.dryRun) return { done: 'would replace', clientId, name, changes: members }
  await session.send(request)
  return { done: 'replaced', clientId, name, changes: members }
}

/** What is read of a client; undefined for a client that does not exist and can be registered with this clientId. */
async function findOrNew<Found>(clientId: string, reading: Promise<Found>): Promise<Found | undefined> {
  try {
    return await reading
  } catch (error) {
    if (toFailure(error).reason === 'notFound' && isChosenClientId(clientId)) return undefined
    throw error
  }
}

/** Registers a client, with its `clientId` if it is given in `identity`. */
async function register(
  session: Session,
  entry: ClientSettings,
  { dryRun }: ImportOptions,
  identity: { clientId?: unknown } = {},
): Promise<ImportResult> {
  const { clientId: _, ...settings } = entry
  const request = createClient({ ...identity, ...settings })
  if (dryRun) {
    await session.send(asDryRun(request))
    return { done: 'would register', ...identity, name: settings['name'] }
  }
  const { clientId, name, clientSecret } = (await session.send(request)).body
  return { done: 'registered', clientId, name, clientSecret }
}
