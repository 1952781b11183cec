import { type AdminClient, ApiError, type AuditLog, listAuditLogs } from 'cerberus-idp-admin-client'
import { log } from '../../output/log.ts'
import type { Drift } from '../drift.ts'
import { titleOfEntry } from './entries.ts'
import type { DirectoryStep } from './plan-directory.ts'

const resourceTypes = {
  organisation: 'organisation',
  roles: 'role',
  teams: 'team',
  serviceAccounts: 'service_account',
  webhooks: 'webhook',
} as const
const NO_CAUSE = { changedBy: null, changedAt: null }

/** The drift of the directory. Causes come from the audit log, which requires audit:read. */
export async function detectDirectoryDrift(api: AdminClient, steps: readonly DirectoryStep[]): Promise<Drift[]> {
  const drift: Drift[] = []
  let isAllowed = true
  for (const step of steps) {
    const common = { client: titleOfEntry(step), clientId: null }
    if (step.action === 'create') {
      drift.push({ ...common, drift: 'missing', member: null, inFile: null, onServer: null, ...NO_CAUSE })
      continue
    }
    const events = isAllowed ? await readEvents(api, step) : []
    if (!events) isAllowed = false
    const causeOf = (member?: string) => describeCause(events?.find((event) => isCause(event, member)))
    if (step.action !== 'change') {
      drift.push({ ...common, drift: 'unknown', member: null, inFile: null, onServer: step.key, ...causeOf() })
      continue
    }
    for (const { member, from, to } of step.changes) {
      const [inFile, onServer] = [to ?? null, from ?? null]
      drift.push({ ...common, drift: 'changed', member, inFile, onServer, ...causeOf(member) })
    }
  }
  return drift
}

/** The events of an item, the newest first; undefined where the caller may not read them. */
async function readEvents(api: AdminClient, { kind, item }: DirectoryStep): Promise<AuditLog[] | undefined> {
  try {
    const query = { resourceType: resourceTypes[kind], resourceId: item?.id, limit: '100' }
    return (await api.send(listAuditLogs(query))).body.data
  } catch (error) {
    if (!(error instanceof ApiError) || error.kind !== 'forbidden') throw error
    log('Seeing who made the changes requires audit:read.')
    return undefined
  }
}

/** Whether an event set a member; without one, whether it created the item. */
function isCause({ type, changes }: AuditLog, member: string | undefined): boolean {
  if (type.endsWith('.created')) return true
  if (member === undefined) return false
  if (member === 'permissions') return type.startsWith('permission.')
  if (member === 'roles') return /^(?:team|service_account)\.role/.test(type)
  return changes.some(({ field }) => field === member || field.startsWith(`${member}.`))
}

function describeCause(event: AuditLog | undefined): { changedBy: string | null; changedAt: string | null } {
  if (!event) return NO_CAUSE
  const { email, name, id, type } = event.onBehalfOf ?? event.actor
  return { changedBy: email ?? name ?? id ?? type, changedAt: event.occurredAt }
}
