import { type AuditLog, exportAuditLogs, listAuditLogs, MAX_PAGE_SIZE, type Query } from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import {
  addPageOptions,
  type PagedList,
  type PageOptions,
  printPagedList,
  readPagedList,
} from '../output/paged-list.ts'
import { printText } from '../output/print.ts'
import type { Columns } from '../output/table.ts'
import type { Session } from '../sign-in/session.ts'
import { invocationOf } from './invocation.ts'

const columns: Columns<AuditLog> = [
  { member: 'id', isIdentifier: true },
  'occurredAt',
  'type',
  { member: 'actor', short: ({ actor }) => actor.email ?? actor.id ?? actor.type },
  'resourceType',
  'resourceId',
  'ipAddress',
]

interface FilterOptions {
  type?: string
  category?: string
  action?: string
  failed?: true
  user?: string
  client?: string
  resourceType?: string
  resource?: string
  from?: string
  to?: string
  search?: string
}

/** `cerberus audit`: the audit log of the organisation. */
export function auditCommand(): Command {
  const audit = new Command('audit').description('audit log of the organisation')

  addFilterOptions(addPageOptions(audit.command('list').description('list the audit events, newest first'))).action(
    async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<FilterOptions & PageOptions>(command)
      const filter = filterOf(options)
      const session = open()
      const found = options.all
        ? await readFollowingPages(session, { ...filter, limit: options.limit ?? String(MAX_PAGE_SIZE) })
        : await readPagedList(session, (page) => listAuditLogs({ ...filter, ...page }), options)
      printPagedList(found, format, columns, 'events')
    },
  )

  addFilterOptions(audit.command('export').description('write all audit events to standard output, oldest first'))
    .option('--format <format>', 'ndjson or csv')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<FilterOptions & { format?: string }>(command)
      const request = exportAuditLogs({ ...filterOf(options), format: options.format })
      for await (const chunk of open().download(request)) await printText(chunk)
    })

  return audit
}

/** By cursor, so that it is one read for the log of reads, and each page costs the same. */
async function readFollowingPages(session: Session, query: Query): Promise<PagedList<AuditLog>> {
  const first = (await session.send(listAuditLogs(query))).body
  const rows = [...first.data]
  for (let next = first.nextCursor; next !== null;) {
    const page = (await session.send(listAuditLogs({ ...query, after: next }))).body
    rows.push(...page.data)
    next = page.nextCursor
  }
  return { rows, first }
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--type <type>', 'type of event, such as user.login.failed; several with commas between them')
    .option('--category <name>', 'auth, user, client, permission or system')
    .option('--action <name>', 'create, read, update, delete, login or logout')
    .option('--failed', 'only failures')
    .option('--user <id>', 'the user who acted')
    .option('--client <id>', 'the client concerned')
    .option('--resource-type <type>', 'type of the resource, such as user or role')
    .option('--resource <id>', 'the resource')
    .option('--from <time>', 'instant or day')
    .option('--to <time>', 'instant before which the events were, or their last day')
    .option('--search <text>', 'e-mail address, or id of anything')
}

function filterOf(options: FilterOptions): Query {
  const { type, category, action, failed, user, client, resourceType, resource, from, to, search } = options
  const success = failed ? 'false' : undefined
  return {
    type,
    category,
    action,
    success,
    userId: user,
    clientId: client,
    resourceType,
    resourceId: resource,
    from,
    to,
    search,
  }
}
