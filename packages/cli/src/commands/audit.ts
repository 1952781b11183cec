import {
  type AuditLog,
  exportAuditChain,
  exportAuditLogs,
  getAuditLog,
  listAuditLogs,
  MAX_PAGE_SIZE,
  type Query,
} from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { createReadStream, readFileSync } from 'node:fs'
import { type Anchor, type ChainReport, readAnchor, verifyChain, type JsonWebKeySet } from '../audit/verify-chain.ts'
import { exitCodes, Failure } from '../failure.ts'
import { log } from '../output/log.ts'
import {
  addPageOptions,
  type PagedList,
  type PageOptions,
  printPagedList,
  readPagedList,
} from '../output/paged-list.ts'
import { type Format, print, printList, printText } from '../output/print.ts'
import type { Columns } from '../output/table.ts'
import { readServerKeys } from '../requests/server-metadata.ts'
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

  audit
    .command('get <id>')
    .description('show an audit event, with what it changed')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { open, format } = invocationOf(command)
      print((await open().send(getAuditLog(id))).body, format)
    })

  addFilterOptions(audit.command('export').description('write all audit events to standard output, oldest first'))
    .option('--format <format>', 'ndjson, csv, or chain for the hash chain, without filters')
    .action(async (_options: unknown, command: Command) => {
      const { options, open } = invocationOf<FilterOptions & { format?: string }>(command)
      const request =
        options.format === 'chain'
          ? exportAuditChain()
          : exportAuditLogs({ ...filterOf(options), format: options.format })
      for await (const chunk of open().download(request)) await printText(chunk)
    })

  audit
    .command('verify')
    .description('verify the hash chain of the audit log, of the server or of a file')
    .option('--file <path>', 'an export with --format chain, instead of the server')
    .option('--jwks <path>', 'the public keys of the server, as a file; with --file required')
    .option('--checkpoints <path>', 'checkpoints that were kept elsewhere: JSON lines with checkpoint or jws')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<VerifyOptions>(command)
      const anchors = options.checkpoints === undefined ? [] : readAnchors(options.checkpoints)
      const report =
        options.file === undefined
          ? await verifyOnline(open(), options, anchors)
          : await verifyChain(
              linesOf(createReadStream(options.file, 'utf8') as AsyncIterable<string>),
              readJwks(options.jwks),
              anchors,
            )
      printReport(report, format)
      if (report.findings.length > 0) process.exitCode = exitCodes.failedCheck
    })

  return audit
}

interface VerifyOptions {
  file?: string
  jwks?: string
  checkpoints?: string
}

async function verifyOnline(
  session: Session,
  { jwks }: VerifyOptions,
  anchors: readonly Anchor[],
): Promise<ChainReport> {
  const keys = jwks === undefined ? await readServerKeys(session.server) : readJwks(jwks)
  return verifyChain(linesOf(session.download(exportAuditChain())), keys, anchors)
}

function readJwks(path: string | undefined): JsonWebKeySet {
  if (path === undefined) throw new Failure('usage', '--file needs --jwks: the public keys of the server at that time.')
  return readJson(path, readFileSync(path, 'utf8')) as unknown as JsonWebKeySet
}

/** Log lines of the server, or lines of an export. Lines without a checkpoint are left out. */
function readAnchors(path: string): Anchor[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line) => {
    const found = line.trim() === '' ? {} : readJson(path, line)
    const jws = found['checkpoint'] ?? found['jws']
    return typeof jws === 'string' ? [readAnchor(jws)] : []
  })
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<Readonly<Record<string, unknown>>> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield readJson('the export', line)
  }
  // An export that was cut off ends within a line, and has no end.
}

function readJson(source: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new Failure('usage', `${source} is not JSON, line by line.`)
  }
}

function printReport(report: ChainReport, format: Format): void {
  if (format !== 'table') return print(report, format)
  const { findings, events, firstSequence, lastSequence, firstOccurredAt, checkpoints, erasedChanges } = report
  if (findings.length > 0) printList(findings, format, ['problem', 'sequence', 'eventId', 'explanation'])
  log(`${events} events, ${firstSequence} to ${lastSequence}, and ${checkpoints} checkpoints were verified.`)
  if (firstSequence > 1)
    log(`The chain begins with ${firstOccurredAt}: earlier events are past the retention, or were removed.`)
  if (erasedChanges > 0) log(`The changes of ${erasedChanges} events were deleted with their users.`)
  log(findings.length === 0 ? 'The audit log is intact.' : `${findings.length} problems were found.`)
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
