import { type AdminClient, ApiError, type Client, type ClientEvent, listClientEvents } from 'cerberus-idp-admin-client'
import { log } from '../output/log.ts'
import { mapConcurrently } from '../requests/concurrency.ts'
import { titleOf } from './apply.ts'
import type { Plan, Step } from './plan.ts'

/** One difference between the server and the files, and who caused it. */
export interface Drift {
  /** A client by its name in the file, or `role support` and the like. */
  client: string
  clientId: unknown
  /** `missing`: only in a file; `unknown`: in a group that the files own, and in no file. */
  drift: 'changed' | 'missing' | 'unknown'
  member: string | null
  inFile: unknown
  onServer: unknown
  /** Null: unknown, or the caller may not read audit events. */
  changedBy: string | null
  changedAt: string | null
}

const NO_CAUSE = { changedBy: null, changedAt: null }

/** The drift of the clients of a plan. Causes come from audit events, which require audit:read. */
export async function detectDrift(api: AdminClient, { steps }: Plan): Promise<Drift[]> {
  let allowed = true
  async function eventsOf(client: Client): Promise<ClientEvent[]> {
    if (!allowed) return []
    try {
      const { body } = await api.send(listClientEvents(client.clientId, { limit: '100' }))
      return body.data
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error
      if (allowed) log('Seeing who made the changes requires audit:read.')
      allowed = false
      return []
    }
  }
  return (await mapConcurrently('Reading events of', steps, (step) => driftOfStep(step, eventsOf))).flat()
}

async function driftOfStep(step: Step, eventsOf: (client: Client) => Promise<ClientEvent[]>): Promise<Drift[]> {
  const client = titleOf(step)
  if (step.action === 'register') {
    const clientId = step.entry.clientId ?? null
    return [{ client, clientId, drift: 'missing', member: null, inFile: null, onServer: null, ...NO_CAUSE }]
  }
  const events = await eventsOf(step.client)
  const { clientId, name } = step.client
  const causedBy = (event: ClientEvent | undefined) =>
    event ? { changedBy: actorOf(event), changedAt: event.occurredAt } : NO_CAUSE
  if (step.action !== 'change') {
    const creation = events.find(({ type }) => type === 'client.created')
    return [{ client, clientId, drift: 'unknown', member: null, inFile: null, onServer: name, ...causedBy(creation) }]
  }
  return step.changes.map(({ member, from, to }) => ({
    client,
    clientId,
    drift: 'changed',
    member,
    inFile: to ?? null,
    onServer: from ?? null,
    ...causedBy(events.find((event) => isCauseOf(event, member))),
  }))
}

/** Whether an event set a member. The newest such event is the cause of its value. */
function isCauseOf({ type, metadata: { fields } }: ClientEvent, member: string): boolean {
  if (type === 'client.created') return true
  if (member === 'isActive' && (type === 'client.expired' || type === 'client.revoked')) return true
  return Array.isArray(fields) && fields.includes(member)
}

function actorOf({ email, userId, metadata: { actingClientId } }: ClientEvent): string {
  const application = typeof actingClientId === 'string' ? actingClientId : undefined
  return email ?? userId ?? application ?? 'the server'
}
