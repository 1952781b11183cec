import type { Command } from 'commander'
import { clientsPath, type ShownClient } from '../client-requests.ts'
import { invocationOf } from '../invocation.ts'
import { show, tell } from '../output.ts'
import type { Session } from '../session.ts'

interface ListOptions {
  search?: string
  type?: string
  active?: true
  inactive?: true
  grant?: string
  authMethod?: string
  redirectHost?: string
  expiresWithin?: string
  sort?: string
  page?: string
  limit?: string
  all?: true
}

interface Page {
  data: ShownClient[]
  total: number
  page: number
  pages: number
}

const columns = ['clientId', 'name', 'clientType', 'grantTypes', 'isActive', 'expiresAt']

/** `cerberus client list`: JSON and YAML are the list itself, so that programs need no envelope. */
export function addClientList(client: Command): void {
  client
    .command('list')
    .description('list the clients')
    .option('--search <text>', 'parts of ids, names, addresses')
    .option('--type <type>', 'confidential or public')
    .option('--active', 'only those that are on')
    .option('--inactive', 'only those that are off')
    .option('--grant <grant>', 'only those that are registered for it')
    .option('--auth-method <method>', 'only those that prove themselves by it')
    .option('--redirect-host <host>', 'only those with a redirect URI there')
    .option('--expires-within <days>', 'only those that end so soon; 0: those that have')
    .option('--sort <member>', 'name, clientId, createdAt, updatedAt, expiresAt; descending after a hyphen')
    .option('--page <number>', 'from 1')
    .option('--limit <number>', 'how many on a page, up to 100')
    .option('--all', 'all pages')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ListOptions>(command)
      const session = open()
      const first = await readPage(session, options, options.page)
      const pages = [first]
      while (options.all && pages.length < first.pages) {
        pages.push(await readPage(session, options, String(pages.length + 1)))
      }
      const found = pages.flatMap(({ data }) => data)
      show(found, format, columns)
      if (format === 'table' && found.length < first.total) {
        tell(`Page ${first.page} of ${first.pages}; ${first.total} clients in all.`)
      }
    })
}

async function readPage(session: Session, options: ListOptions, page: string | undefined): Promise<Page> {
  const isActive = options.active ? 'true' : options.inactive ? 'false' : undefined
  const path = clientsPath({
    search: options.search,
    clientType: options.type,
    isActive,
    grantType: options.grant,
    tokenEndpointAuthMethod: options.authMethod,
    redirectHost: options.redirectHost,
    expiresWithin: options.expiresWithin,
    sort: options.sort,
    limit: options.limit ?? (options.all ? '100' : undefined),
    page,
  })
  return (await session.call({ method: 'GET', path })).body as Page
}
