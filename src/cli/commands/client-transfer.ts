import type { Command } from 'commander'
import { readAllClients } from '../client-pages.ts'
import { clientPath, clientsPath, json, readClient, rehearsalOf, type ShownClient } from '../client-requests.ts'
import { settingsOf } from '../client-settings.ts'
import { confirm } from '../confirm.ts'
import { readData } from '../data.ts'
import { Failure } from '../failure.ts'
import { invocationOf } from '../invocation.ts'
import { readDescription } from '../operations.ts'
import { show, tell } from '../output.ts'
import type { Session } from '../session.ts'

interface ImportOptions {
  data: string
  asNew?: true
  dryRun?: true
  yes?: true
}

/** `cerberus client export` and `import`: settings with the clientId, and nothing that the server sets. Never secrets. */
export function addClientTransfer(client: Command): void {
  client
    .command('export [id...]')
    .description('write clients as import reads them; all, where none is named')
    .action(async (ids: string[], _options: unknown, command: Command) => {
      const { options, open } = invocationOf(command)
      const session = open()
      const description = await readDescription(session.server)
      const clients: ShownClient[] = []
      for (const id of ids) clients.push((await readClient(session, id)).client)
      if (ids.length === 0) clients.push(...(await readAllClients(session.call, { sort: 'clientId' })))
      const exported = clients.map((one) => ({ clientId: one['clientId'], ...settingsOf(one, description) }))
      show(exported, options.output === 'json' ? 'json' : 'yaml')
    })

  client
    .command('import')
    .description('register clients, or replace those that have a clientId')
    .requiredOption('-d, --data <data>', 'one client or a list, JSON or YAML: a file, or - for standard input')
    .option('--as-new', 'register all of them, whatever clientId they have')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('-y, --yes', 'do not ask before clients are replaced')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ImportOptions>(command)
      const session = open()
      const given = [readData(options.data)].flat() as ShownClient[]
      if (given.some((one) => typeof one !== 'object' || one === null)) {
        throw new Failure('invalid', 'What is imported is a client, or a list of them.')
      }
      const isOld = (one: ShownClient) => !options.asNew && one['clientId'] !== undefined
      const replaced = given.filter(isOld)
      if (replaced.length > 0 && !options.dryRun) {
        await confirm(`Replace ${replaced.map(({ clientId }) => String(clientId)).join(', ')}?`, options.yes ?? false)
      }
      const done: ShownClient[] = []
      try {
        for (const one of given) {
          done.push(await (isOld(one) ? replace(session, one, options) : register(session, one, options)))
        }
      } finally {
        // Secrets among them are shown this once, also where a later client was refused.
        show(done, format, ['done', 'clientId', 'name', 'changes', 'clientSecret'])
        if (done.length < given.length) tell(`${done.length} of ${given.length} were imported.`)
      }
    })
}

async function replace(session: Session, one: ShownClient, { dryRun }: ImportOptions): Promise<ShownClient> {
  const { clientId, name } = one
  const id = String(clientId)
  const { etag } = await readClient(session, id)
  const body = json(one)
  const request = { ...body, method: 'PUT', headers: { ...body.headers, 'if-match': etag } }
  const { changes } = rehearsalOf(await session.call({ ...request, path: clientPath(id, '?dryRun=true') }))
  const members = changes.map(({ member }) => member)
  if (members.length === 0) return { done: 'unchanged', clientId, name, changes: [] }
  if (dryRun) return { done: 'would replace', clientId, name, changes: members }
  await session.call({ ...request, path: clientPath(id) })
  return { done: 'replaced', clientId, name, changes: members }
}

async function register(session: Session, one: ShownClient, { dryRun }: ImportOptions): Promise<ShownClient> {
  const { clientId: _, ...settings } = one
  const path = clientsPath(dryRun ? { dryRun: 'true' } : {})
  const { body } = await session.call({ method: 'POST', path, ...json(settings) })
  if (dryRun) return { done: 'would register', name: settings['name'] }
  const { clientId, name, clientSecret } = body as ShownClient
  return { done: 'registered', clientId, name, clientSecret }
}
