import {
  type AdminClient,
  ApiError,
  type ApiRequest,
  asDryRun,
  type Change,
  createRole,
  createServiceAccount,
  createTeam,
  createWebhook,
  deleteRole,
  deleteServiceAccount,
  deleteTeam,
  deleteWebhook,
  grantPermission,
  ifMatch,
  isEqualJson,
  isObject,
  revokePermission,
  updateOrganisation,
  updateRole,
  updateServiceAccount,
  updateTeam,
  updateWebhook,
} from 'cerberus-idp-admin-client'
import { Failure, toFailure } from '../../failure.ts'
import { suggestion } from '../../input/closest-name.ts'
import { combineRejections, type Rejection, rejectionOf } from '../rejections.ts'
import { type DirectoryEntry, type DirectoryKind, directoryKinds, type OwnableKind, titleOfEntry } from './entries.ts'
import { readClientId, readEtag, readItems, readPermissionIds, readRoleIds, type ServerItem } from './server-items.ts'

/** What to do about one item of the directory. */
export interface DirectoryStep {
  action: 'create' | 'change' | 'remove' | 'leave'
  kind: DirectoryKind
  key: string
  /** Undefined for what is in no file. */
  entry: DirectoryEntry | undefined
  /** Undefined for what is to be created. */
  item: ServerItem | undefined
  /** The ETag that the item must still have. */
  etag: string | undefined
  changes: Change[]
  /** The requests that the server can try, in their order. */
  requests: ApiRequest[]
  /** The slugs of roles that a team or service account gets and loses: the server has no dry run of these. */
  roles: { added: string[]; removed: string[] }
}

/** What is known of the server while planning. */
interface Known {
  permissionIds: ReadonlyMap<string, string>
  /** The slugs of the roles that will exist. */
  roleSlugs: ReadonlySet<string>
}

/**
 * Plans how the directory of a server becomes that of the files. Each request is tried on the server; without `isWrite`
 * only where the caller may. All that the server would reject is thrown together. Nothing is changed.
 */
export async function planDirectory(
  api: AdminClient,
  entries: readonly DirectoryEntry[],
  owned: readonly OwnableKind[],
  isWrite: boolean,
  pruning: number | undefined,
): Promise<DirectoryStep[]> {
  const steps: DirectoryStep[] = []
  const rejections: Rejection[] = []
  const known = await readKnown(api, entries)
  for (const kind of directoryKinds) {
    const wanted = entries.filter((entry) => entry.kind === kind)
    const owns = owned.some((one) => one === kind)
    if (wanted.length === 0 && !owns) continue
    const items = await readItems(api, kind)
    for (const entry of wanted) {
      try {
        const step = await planEntry(api, entry, itemOf(entry, items), known)
        if (!step) continue
        await tryStep(api, step, isWrite)
        steps.push(step)
      } catch (error) {
        const rejection = rejectionOf(error, entry, titleOfEntry(entry))
        if (!rejection) throw error
        rejections.push(rejection)
      }
    }
    if (!owns) continue
    const keys = new Set(wanted.map(({ key }) => key))
    const others = items.filter(({ key, isBuiltIn }) => !isBuiltIn && !keys.has(key))
    for (const item of others) steps.push(await planRemoval(api, kind, item, pruning !== undefined))
  }
  if (rejections.length > 0) throw combineRejections(rejections)
  const removed = steps.filter(({ action }) => action === 'remove')
  if (pruning !== undefined && removed.length > pruning) {
    const message = `${removed.length} roles, teams, service accounts and webhooks would be removed, and the limit is ${pruning}. To allow it: --prune-limit ${removed.length}`
    throw new Failure('usage', message, removed.map(titleOfEntry))
  }
  return steps
}

async function readKnown(api: AdminClient, entries: readonly DirectoryEntry[]): Promise<Known> {
  const names = (member: string) => entries.some(({ members }) => member in members)
  const permissionIds = names('permissions') ? await readPermissionIds(api) : new Map<string, string>()
  const roleIds = names('roles') ? await readRoleIds(api) : new Map<string, string>()
  const created = entries.filter(({ kind }) => kind === 'roles').map(({ key }) => key)
  return { permissionIds, roleSlugs: new Set([...roleIds.keys(), ...created]) }
}

function itemOf(entry: DirectoryEntry, items: readonly ServerItem[]): ServerItem | undefined {
  const found = items.filter(({ key }) => key === entry.key)
  if (found.length < 2) return found[0]
  throw invalid(entry, [], `${found.length} items of the server are called so`)
}

const invalid = (entry: DirectoryEntry, path: string[], message: string) =>
  new ApiError({ kind: 'invalid', message, issues: [{ path: path.length > 0 ? path : [entry.key], message }] })

async function planEntry(
  api: AdminClient,
  entry: DirectoryEntry,
  item: ServerItem | undefined,
  known: Known,
): Promise<DirectoryStep | undefined> {
  const { kind, key } = entry
  requireKnown(entry, 'permissions', known.permissionIds.keys())
  requireKnown(entry, 'roles', known.roleSlugs)
  const members = { ...entry.members }
  const { clientId } = members
  if (kind === 'webhooks' && typeof clientId === 'string') members['clientId'] = await readClientId(api, clientId)
  const changes = differencesOf(members, item?.view)
  if (item && changes.length === 0) return undefined
  const added = (member: string) => changedIn(changes, member, 'to', 'from')
  const removed = (member: string) => changedIn(changes, member, 'from', 'to')
  const roles = { added: added('roles'), removed: removed('roles') }
  const step = { kind, key, entry, item, changes, roles }
  if (!item) return { ...step, action: 'create', etag: undefined, requests: [creationOf(entry, members)] }
  const plain = changes.filter(({ member }) => member !== 'permissions' && member !== 'roles')
  const body = Object.fromEntries(plain.map(({ member, to }) => [member, to]))
  const { id } = item
  const etag = await readEtag(api, kind, id)
  const requests = [
    ...(plain.length > 0 ? [changeOf(kind, id, body)] : []),
    ...added('permissions').map((permission) => grantPermission(id, { permission })),
    ...removed('permissions').map((slug) => revokePermission(id, known.permissionIds.get(slug) ?? slug)),
  ]
  return { ...step, action: 'change', etag, requests }
}

function requireKnown(entry: DirectoryEntry, member: string, known: Iterable<string>): void {
  const names = new Set(known)
  for (const [index, name] of listOf(entry.members[member]).entries()) {
    if (names.has(name)) continue
    const message = `there is no ${member.slice(0, -1)} ${name}.${suggestion(name, names)}`
    throw new ApiError({ kind: 'invalid', message, issues: [{ path: [member, index], message }] })
  }
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

function changedIn(
  changes: readonly Change[],
  member: string,
  present: 'from' | 'to',
  absent: 'from' | 'to',
): string[] {
  const change = changes.find((one) => one.member === member)
  const others = new Set(listOf(change?.[absent]))
  return listOf(change?.[present]).filter((name) => !others.has(name))
}

/** The members that differ. Lists of names have no order, and an object only the members that it names. */
function differencesOf(members: Readonly<Record<string, unknown>>, view: ServerItem['view'] | undefined): Change[] {
  return Object.entries(members)
    .filter(([member, value]) => !isSame(member, value, view?.[member]))
    .map(([member, to]) => ({ member, ...(view && { from: view[member] ?? null }), to }))
}

function isSame(member: string, wanted: unknown, found: unknown): boolean {
  if (['permissions', 'roles', 'events'].includes(member) && Array.isArray(wanted) && Array.isArray(found)) {
    return isEqualJson(sorted(wanted), sorted(found))
  }
  if (member !== 'metadata' && isObject(wanted) && isObject(found)) {
    return Object.entries(wanted).every(([name, value]) => isEqualJson(value, found[name] ?? null))
  }
  return isEqualJson(wanted ?? null, found ?? null)
}

const sorted = (list: readonly unknown[]) => [...new Set(list.map(String))].toSorted((a, b) => (a < b ? -1 : 1))

function creationOf({ kind, key }: DirectoryEntry, members: Readonly<Record<string, unknown>>): ApiRequest {
  if (kind === 'webhooks') return createWebhook({ url: key, ...members })
  const { roles: _, ...settings } = members
  if (kind === 'serviceAccounts') return createServiceAccount({ name: key, ...settings })
  const body = { name: key, ...settings, slug: key }
  return kind === 'roles' ? createRole(body) : createTeam(body)
}

function changeOf(kind: DirectoryKind, id: string, body: object): ApiRequest {
  const requests = {
    roles: updateRole,
    teams: updateTeam,
    serviceAccounts: updateServiceAccount,
    webhooks: updateWebhook,
  }
  return kind === 'organisation' ? updateOrganisation(body) : requests[kind](id, body)
}

async function planRemoval(
  api: AdminClient,
  kind: DirectoryKind,
  item: ServerItem,
  isPruning: boolean,
): Promise<DirectoryStep> {
  const step = { kind, key: item.key, entry: undefined, item, changes: [], roles: { added: [], removed: [] } }
  if (!isPruning) return { ...step, action: 'leave', etag: undefined, requests: [] }
  const requests = {
    organisation: deleteRole,
    roles: deleteRole,
    teams: deleteTeam,
    serviceAccounts: deleteServiceAccount,
    webhooks: deleteWebhook,
  }
  const removal: DirectoryStep = {
    ...step,
    action: 'remove',
    etag: await readEtag(api, kind, item.id),
    requests: [requests[kind](item.id)],
  }
  try {
    await tryStep(api, removal, true)
  } catch (error) {
    const { reason, message, details } = toFailure(error)
    throw new Failure(reason, `${titleOfEntry(removal)} cannot be removed: ${message}`, details)
  }
  return removal
}

/** Tries the requests on the server. A caller who may only read sees the difference nevertheless. */
async function tryStep(api: AdminClient, { requests, etag }: DirectoryStep, isWrite: boolean): Promise<void> {
  for (const request of requests) {
    try {
      await api.send(asDryRun(etag === undefined ? request : ifMatch(request, etag)))
    } catch (error) {
      if (isWrite || !(error instanceof ApiError) || error.kind !== 'forbidden') throw error
    }
  }
}
