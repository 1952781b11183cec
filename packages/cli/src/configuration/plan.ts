import {
  type AdminClient,
  ApiError,
  type ApiRequest,
  asDryRun,
  type Change,
  type ChangedClient,
  type Client,
  createClient,
  deleteClient,
  getClient,
  ifMatch,
  patchClient,
  readAllClients,
  requireDryRun,
  type Warning,
} from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { mapConcurrently } from '../requests/concurrency.ts'
import { withRetry } from '../requests/retry.ts'
import type { Session } from '../sign-in/session.ts'
import { claimsOf } from '../sign-in/token-management.ts'
import { differencesOf, patchOf, registrationOf } from './compare.ts'
import { type DirectoryStep, planDirectory } from './directory/plan-directory.ts'
import type { Configuration, Entry } from './document.ts'
import { findClient, matchClients } from './match-clients.ts'
import { combineRejections, type Rejection, rejectionOf } from './rejections.ts'

/** What to do about one client. The request fails if the client changes before it is sent. */
export type Step =
  | { action: 'register'; entry: Entry; changes: Change[]; warnings: Warning[]; request: ApiRequest<ChangedClient> }
  | {
      action: 'change'
      entry: Entry
      client: Client
      changes: Change[]
      warnings: Warning[]
      request: ApiRequest
    }
  | { action: 'remove'; client: Client; request: ApiRequest }
  /** The client is in a group that the files own and in no file, and pruning is off. */
  | { action: 'leave'; client: Client }

export interface Plan {
  steps: Step[]
  /** The steps for roles, teams, webhooks and the organisation. */
  directory: DirectoryStep[]
  /** The number of clients and others that are as their entries say. */
  unchanged: number
}

/** `read` needs no permission to write: without it, steps have no dry run. */
export type Purpose = 'write' | 'read'

/** The maximum number of removals; undefined: pruning is off. */
export type Pruning = number | undefined

/**
 * Plans how the clients of a server become those of a configuration. Each step is a dry run on the server. All steps that
 * the server would reject are thrown together, with their places in the files. Nothing is changed.
 */
export async function planConfiguration(
  session: Session,
  configuration: Configuration,
  purpose: Purpose,
  pruning: Pruning,
): Promise<Plan> {
  const api = withRetry(session)
  const matches = await matchClients(api, session.server, configuration.entries)
  const rejections: Rejection[] = []
  const steps = await mapConcurrently('Checking', matches, async ({ entry, client }) => {
    try {
      return await planEntry(api, entry, client, purpose)
    } catch (error) {
      const rejection = rejectionOf(error, entry)
      if (!rejection) throw error
      rejections.push(rejection)
      return undefined
    }
  })
  for (const { entry, client } of matches) {
    const problem = ownerProblem(entry, client)
    if (problem !== undefined) rejections.push({ reason: 'invalid', problems: [problem] })
  }
  if (rejections.length > 0) throw combineRejections(rejections)
  const known = new Set(matches.map(({ client }) => client?.id))
  const others = await readOthers(session, api, configuration.groups, known)
  const needed = steps.filter((step) => step !== undefined)
  const { directory: wanted, owned } = configuration
  const directory = await planDirectory(api, wanted, owned, purpose === 'write', pruning)
  const changed = directory.filter(({ entry }) => entry !== undefined)
  const removed = pruning === undefined ? [] : await planRemovals(api, others, pruning)
  const left = pruning === undefined ? others.map((client): Step => ({ action: 'leave', client })) : []
  return {
    steps: [...needed, ...removed, ...left],
    directory,
    unchanged: configuration.entries.length - needed.length + wanted.length - changed.length,
  }
}

async function planEntry(
  api: AdminClient,
  entry: Entry,
  client: Client | undefined,
  purpose: Purpose,
): Promise<Step | undefined> {
  if (client) return planChange(api, entry, client, purpose)
  const settings = registrationOf(entry)
  const request = createClient(settings)
  const given = Object.entries(settings).map(([member, to]): Change => ({ member, to }))
  if (purpose === 'read') return { action: 'register', entry, changes: given, warnings: [], request }
  try {
    const { changes, warnings } = requireDryRun(await api.send(asDryRun(request)))
    return { action: 'register', entry, changes, warnings, request }
  } catch (error) {
    // The client may have been registered after the list was read.
    const found = error instanceof ApiError && error.status === 409 ? await findClient(api, entry) : undefined
    if (!found) throw error
    return planChange(api, entry, found, purpose)
  }
}

async function planChange(api: AdminClient, entry: Entry, listed: Client, purpose: Purpose): Promise<Step | undefined> {
  if (differencesOf(entry, listed).length === 0) return undefined
  const { body: client, headers } = await api.send(getClient(listed.clientId))
  const changes = differencesOf(entry, client)
  if (changes.length === 0) return undefined
  const request = ifMatch(patchClient(client.clientId, patchOf(changes)), headers.get('etag') ?? '*')
  try {
    const dryRun = requireDryRun(await api.send(asDryRun(request)))
    if (dryRun.changes.length === 0) return undefined
    return { action: 'change', entry, client, changes: dryRun.changes, warnings: dryRun.warnings, request }
  } catch (error) {
    if (purpose === 'write' || !(error instanceof ApiError) || error.status !== 403) throw error
    return { action: 'change', entry, client, changes, warnings: [], request }
  }
}

/** An entry must be in the group that its document owns: otherwise pruning would never find its client. */
function ownerProblem(entry: Entry, client: Client | undefined): string | undefined {
  if (entry.owner === undefined) return undefined
  const groups = 'groups' in entry.members ? entry.members['groups'] : client?.groups
  if (Array.isArray(groups) && groups.includes(entry.owner)) return undefined
  return `${entry.location(['groups'])}: groups must include ${entry.owner}, which its document owns`
}

/** The clients of the owned groups that are in no file, except the client that this command acts as. */
async function readOthers(
  session: Session,
  api: AdminClient,
  groups: readonly string[],
  known: ReadonlySet<unknown>,
): Promise<Client[]> {
  if (groups.length === 0) return []
  const self = session.client?.clientId ?? claimsOf(await session.accessToken())['client_id']
  const signedIn = session.context.token?.clientId
  const others = new Map<string, Client>()
  for (const group of groups) {
    for (const client of await readAllClients(api, { group })) {
      const isSelf = client.clientId === self || client.clientId === signedIn
      if (!known.has(client.id) && !isSelf) others.set(client.id, client)
    }
  }
  return [...others.values()]
}

async function planRemovals(api: AdminClient, others: readonly Client[], limit: number): Promise<Step[]> {
  if (others.length > limit) {
    const names = others.map(({ clientId, name }) => `${clientId}  ${name}`)
    const message = `${others.length} clients would be removed, and the limit is ${limit}. To allow it: --prune-limit ${others.length}`
    throw new Failure('usage', message, names)
  }
  return mapConcurrently('Checking', others, async ({ clientId }): Promise<Step> => {
    const { body: client, headers } = await api.send(getClient(clientId))
    const request = ifMatch(deleteClient(clientId), headers.get('etag') ?? '*')
    requireDryRun(await api.send(asDryRun(request)))
    return { action: 'remove', client, request }
  })
}
