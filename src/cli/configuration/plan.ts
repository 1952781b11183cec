import { readAllClients } from '../client-pages.ts'
import { clientPath, clientsPath, json, rehearsalOf, type ShownClient, type Warning } from '../client-requests.ts'
import { Failure, Refusal, type Ending } from '../failure.ts'
import type { ServerRequest } from '../server.ts'
import type { Session } from '../session.ts'
import { claimsOf } from '../token-requests.ts'
import { differences, patchOf, registrationOf, type Change } from './compare.ts'
import type { Configuration, Entry } from './document.ts'
import { wrongConfiguration } from './document.ts'
import { findOne, locate } from './locate.ts'
import { askPatiently, eachOf } from './turns.ts'

/** What is to be done about one client. The request does it, if nobody was faster. */
export type Step =
  | { action: 'register'; entry: Entry; changes: Change[]; warnings: Warning[]; request: ServerRequest }
  | {
      action: 'change'
      entry: Entry
      client: ShownClient
      changes: Change[]
      warnings: Warning[]
      request: ServerRequest
    }
  | { action: 'remove'; client: ShownClient; request: ServerRequest }
  /** Of a group that the files own, in none of them, and not to be removed. */
  | { action: 'leave'; client: ShownClient }

export interface Plan {
  steps: Step[]
  /** How many clients are as their entries say. */
  unchanged: number
}

/** Whether it is asked as somebody who is to write, or as somebody who may only read: then nothing is rehearsed in vain. */
export type Purpose = 'write' | 'read'

/** How many clients of the groups may be removed; undefined: none is to be. */
export type Pruning = number | undefined

/**
 * What would make a server's clients as a configuration has them. The server rehearses each step, and what it would refuse
 * is thrown, all of it at once and with its place in the files. Nothing is written.
 */
export async function planConfiguration(
  session: Session,
  configuration: Configuration,
  purpose: Purpose,
  pruning: Pruning,
): Promise<Plan> {
  const located = await locate(session, configuration.entries)
  const refusals: { ending: Ending; problems: string[] }[] = []
  const steps = await eachOf('Checking', located, async ({ entry, client }) => {
    try {
      return await stepOf(session, entry, client, purpose)
    } catch (error) {
      const refused = refusalOf(error, entry)
      if (!refused) throw error
      refusals.push(refused)
      return undefined
    }
  })
  for (const { entry, client } of located) {
    const problem = ownerProblem(entry, client)
    if (problem !== undefined) refusals.push({ ending: 'invalid', problems: [problem] })
  }
  if (refusals.length > 0) throw allOf(refusals)
  const known = new Set(located.map(({ client }) => client?.['id']))
  const others = await readOthers(session, configuration.groups, known)
  const needed = steps.filter((step) => step !== undefined)
  const removed = pruning === undefined ? [] : await removalsOf(session, others, pruning)
  const left = pruning === undefined ? others.map((client): Step => ({ action: 'leave', client })) : []
  return {
    steps: [...needed, ...removed, ...left],
    unchanged: configuration.entries.length - needed.length,
  }
}

async function stepOf(
  session: Session,
  entry: Entry,
  client: ShownClient | undefined,
  purpose: Purpose,
): Promise<Step | undefined> {
  if (client) return changeOf(session, entry, client, purpose)
  const body = registrationOf(entry)
  const request = { method: 'POST', path: clientsPath(), ...json(body) }
  const told = Object.entries(body).map(([member, to]): Change => ({ member, to }))
  if (purpose === 'read') return { action: 'register', entry, changes: told, warnings: [], request }
  try {
    const rehearsed = { ...request, path: clientsPath({ dryRun: 'true' }) }
    const { changes, warnings } = rehearsalOf(await askPatiently(session, rehearsed))
    return { action: 'register', entry, changes, warnings, request }
  } catch (error) {
    // Somebody may have registered it since all were read.
    const found = error instanceof Refusal && error.status === 409 ? await findOne(session, entry) : undefined
    if (!found) throw error
    return changeOf(session, entry, found, purpose)
  }
}

async function changeOf(
  session: Session,
  entry: Entry,
  shown: ShownClient,
  purpose: Purpose,
): Promise<Step | undefined> {
  if (differences(entry, shown).length === 0) return undefined
  const path = clientPath(String(shown['clientId']))
  const { body, headers } = await askPatiently(session, { method: 'GET', path })
  const client = body as ShownClient
  const changes = differences(entry, client)
  if (changes.length === 0) return undefined
  const patch = json(patchOf(changes), 'application/json-patch+json')
  const request = {
    method: 'PATCH',
    path,
    body: patch.body,
    headers: { ...patch.headers, 'if-match': headers.get('etag') ?? '*' },
  }
  try {
    const rehearsed = { ...request, path: `${path}?dryRun=true` }
    const rehearsal = rehearsalOf(await askPatiently(session, rehearsed))
    if (rehearsal.changes.length === 0) return undefined
    return { action: 'change', entry, client, changes: rehearsal.changes, warnings: rehearsal.warnings, request }
  } catch (error) {
    if (purpose === 'write' || !(error instanceof Refusal) || error.status !== 403) throw error
    return { action: 'change', entry, client, changes, warnings: [], request }
  }
}

/** What the server refuses of one entry, where others may still be asked about. */
function refusalOf(error: unknown, entry: Entry): { ending: Ending; problems: string[] } | undefined {
  if (!(error instanceof Refusal) || !told.has(error.ending)) return undefined
  const issues = error.issues.map(({ path, message }) => {
    const [member = '', ...rest] = path
    return `${entry.at([member, ...rest])}: ${path.join('.') || 'the client'} ${message}`
  })
  return { ending: error.ending, problems: issues.length > 0 ? issues : [`${entry.at()}: ${error.message}`] }
}

const told = new Set<Ending>(['invalid', 'refused', 'conflict', 'notFound'])

function allOf(refusals: readonly { ending: Ending; problems: string[] }[]): Failure {
  const failure = wrongConfiguration(refusals.flatMap(({ problems }) => problems))
  const ending = refusals.every((one) => one.ending === refusals[0]?.ending) ? refusals[0]?.ending : 'invalid'
  return new Failure(ending ?? 'invalid', failure.message, failure.particulars)
}

/** A client that would not be in the group that its document owns could never be found missing from it. */
function ownerProblem(entry: Entry, client: ShownClient | undefined): string | undefined {
  if (entry.owner === undefined) return undefined
  const groups = 'groups' in entry.members ? entry.members['groups'] : client?.['groups']
  if (Array.isArray(groups) && groups.includes(entry.owner)) return undefined
  return `${entry.at(['groups'])}: groups must have ${entry.owner}, which its document owns`
}

/** The clients of the groups that are in no file. Whoever acts is no such client: it would be the last that it did. */
async function readOthers(
  session: Session,
  groups: readonly string[],
  known: ReadonlySet<unknown>,
): Promise<ShownClient[]> {
  if (groups.length === 0) return []
  const self = session.client?.clientId ?? claimsOf(await session.accessToken())['client_id']
  const signedIn = session.context.token?.clientId
  const others = new Map<unknown, ShownClient>()
  for (const group of groups) {
    const found = await readAllClients((request) => askPatiently(session, request), { group })
    for (const client of found) {
      const acting = client['clientId'] === self || client['clientId'] === signedIn
      if (!known.has(client['id']) && !acting) others.set(client['id'], client)
    }
  }
  return [...others.values()]
}

async function removalsOf(session: Session, others: readonly ShownClient[], most: number): Promise<Step[]> {
  if (others.length > most) {
    const names = others.map(({ clientId, name }) => `${String(clientId)}  ${String(name)}`)
    const message = `${others.length} clients would be removed, and no more than ${most} may be: --prune-limit ${others.length} allows it.`
    throw new Failure('usage', message, names)
  }
  return eachOf('Checking', others, async (one): Promise<Step> => {
    const path = clientPath(String(one['clientId']))
    const { body, headers } = await askPatiently(session, { method: 'GET', path })
    const request = { method: 'DELETE', path, headers: { 'if-match': headers.get('etag') ?? '*' } }
    rehearsalOf(await askPatiently(session, { ...request, path: `${path}?dryRun=true` }))
    return { action: 'remove', client: body as ShownClient, request }
  })
}
