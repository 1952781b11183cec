import type { Command } from 'commander'
import { clientsPath } from '../client-requests.ts'
import { invocationOf } from '../invocation.ts'
import { paged, readPages, showFound, type PageOptions } from '../pages.ts'

interface ListOptions extends PageOptions {
  search?: string
  type?: string
  active?: true
  inactive?: true
  grant?: string
  authMethod?: string
  redirectHost?: string
  expiresWithin?: string
  group?: string
  unused?: string
  sort?: string
}

const columns = ['clientId', 'name', 'clientType', 'grantTypes', 'isActive', 'expiresAt']

/** `cerberus client list`: what the server's list of clients can do. */
export function addClientList(client: Command): void {
  const list = client
    .command('list')
    .description('list the clients')
    .option('--search <text>', 'parts of ids, names, addresses')
    .option('--type <type>', 'confidential or public')
    .option('--active', 'only those that are on')
    .option('--inactive', 'only those that are off')
    .option('--group <group>', 'only those of one of your groups')
    .option('--grant <grant>', 'only those that are registered for it')
    .option('--auth-method <method>', 'only those that prove themselves by it')
    .option('--redirect-host <host>', 'only those with a redirect URI there')
    .option('--expires-within <days>', 'only those that end so soon; 0: those that have')
    .option('--unused <days>', 'only those that nobody has used for so long')
    .option('--sort <member>', 'name, clientId, createdAt, updatedAt, expiresAt, lastUsedAt; descending after a hyphen')
  paged(list).action(async (_options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<ListOptions>(command)
    const isActive = options.active ? 'true' : options.inactive ? 'false' : undefined
    const narrowed = {
      search: options.search,
      clientType: options.type,
      isActive,
      group: options.group,
      grantType: options.grant,
      tokenEndpointAuthMethod: options.authMethod,
      redirectHost: options.redirectHost,
      expiresWithin: options.expiresWithin,
      unused: options.unused,
      sort: options.sort,
    }
    const found = await readPages(open(), (query) => clientsPath({ ...narrowed, ...query }), options)
    showFound(found, format, columns, 'clients')
  })
}
