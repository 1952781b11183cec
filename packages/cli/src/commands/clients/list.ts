import { asText, type Client, listClients } from 'cerberus-idp-admin-client'
import type { Command } from 'commander'
import { addPageOptions, type PageOptions, printPagedList, readPagedList } from '../../output/paged-list.ts'
import { shortGrant } from '../../output/short-grant.ts'
import type { Columns } from '../../output/table.ts'
import { invocationOf } from '../invocation.ts'

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

const columns: Columns<Client> = [
  { member: 'clientId', isIdentifier: true },
  'name',
  { member: 'isActive', heading: 'ACTIVE' },
  { member: 'clientType', heading: 'TYPE', short: ({ clientType }) => shortTypes[clientType] },
  {
    member: 'grantTypes',
    heading: 'GRANTS',
    short: ({ grantTypes }) =>
      Array.isArray(grantTypes) ? grantTypes.map((grant) => shortGrant(asText(grant))).join(' ') : '',
  },
  { member: 'expiresAt', heading: 'EXPIRES' },
]

const shortTypes = { confidential: 'conf.', public: 'public' } as const

/** `cerberus client list`, with the filters of the API. */
export function addClientList(client: Command): void {
  const list = client
    .command('list')
    .description('list clients')
    .option('--search <text>', 'part of an id, a name or an address')
    .option('--type <type>', 'confidential or public')
    .option('--active', 'only active clients')
    .option('--inactive', 'only disabled clients')
    .option('--group <group>', 'only clients of this group')
    .option('--grant <grant>', 'only clients with this grant type')
    .option('--auth-method <method>', 'only clients with this authentication method')
    .option('--redirect-host <host>', 'only clients with a redirect URI on this host')
    .option('--expires-within <days>', 'only clients that expire within this time; 0: expired ones')
    .option('--unused <days>', 'only clients not used for this time')
    .option(
      '--sort <member>',
      'name, clientId, createdAt, updatedAt, expiresAt or lastUsedAt; descending after a hyphen',
    )
  addPageOptions(list).action(async (_options: unknown, command: Command) => {
    const { options, open, format } = invocationOf<ListOptions>(command)
    const isActive = options.active ? 'true' : options.inactive ? 'false' : undefined
    const filters = {
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
    const found = await readPagedList(open(), (query) => listClients({ ...filters, ...query }), options)
    printPagedList(found, format, columns, 'clients')
  })
}
