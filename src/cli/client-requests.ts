import { Failure } from './failure.ts'
import { show, tell, type Format } from './output.ts'
import { withQuery } from './pages.ts'
import type { ServerAnswer } from './server.ts'
import type { Session } from './session.ts'

const CLIENTS = '/v1/admin/clients'

/** A client as the server shows it. */
export type ShownClient = Record<string, unknown>

interface Rehearsal {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: Warning[]
}

export interface Warning {
  code: string
  member: string
  /** Completes the sentence that begins with the member. */
  message: string
  advice: string
}

/** One thing that the server looked at in a test of a client. */
export interface Check {
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  expected: string
  seen: string
  advice: string | null
}

/** The path of a client, by either of its names, or of something below it. */
export function clientPath(id: string, below = ''): string {
  return `${CLIENTS}/${encodeURIComponent(id)}${below}`
}

/** The path of all clients, with a query. */
export function clientsPath(query: Readonly<Record<string, string | undefined>> = {}): string {
  return withQuery(CLIENTS, query)
}

/** What a request that sends JSON is made of. */
export function json(body: unknown, type = 'application/json'): { headers: Record<string, string>; body: string } {
  return { headers: { 'content-type': type }, body: JSON.stringify(body) }
}

/** A client with the state that it is in. */
export async function readClient(session: Session, id: string): Promise<{ client: ShownClient; etag: string }> {
  const { body, headers } = await session.call({ method: 'GET', path: clientPath(id) })
  return { client: body as ShownClient, etag: headers.get('etag') ?? '*' }
}

/** Writes what came of a change: the client, or what would become of it. Warnings stand beside the table. */
export function showChanged({ body }: ServerAnswer, format: Format): void {
  if (isRehearsal(body)) return showRehearsal(body, format)
  if (format !== 'table') return show(body, format)
  const { warnings, ...client } = body as ShownClient
  show(client, format)
  warn(warnings as Warning[] | undefined)
}

/** What a rehearsed request would do. */
export function showRehearsal(rehearsal: Rehearsal, format: Format): void {
  if (format !== 'table') return show(rehearsal, format)
  if (rehearsal.changes.length === 0) tell('Nothing would change.')
  else show(rehearsal.changes, format, ['member', 'from', 'to'])
  warn(rehearsal.warnings)
}

/** The rehearsal in an answer to a request with dryRun. */
export function rehearsalOf({ body }: ServerAnswer): Rehearsal {
  if (!isRehearsal(body)) throw new Failure('failure', 'The server did not rehearse what it was asked to.')
  return body
}

function isRehearsal(body: unknown): body is Rehearsal {
  return typeof body === 'object' && body !== null && 'dryRun' in body
}

/** Tells what is risky, each after the same words. */
export function warn(warnings: readonly Warning[] = [], words = 'Warning: '): void {
  for (const { member, message, advice } of warnings) tell(`${words}${member} ${message}. ${advice}`)
}
