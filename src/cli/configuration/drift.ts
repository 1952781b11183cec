import { clientPath, type ShownClient } from '../client-requests.ts'
import { Refusal } from '../failure.ts'
import { tell } from '../output.ts'
import type { Session } from '../session.ts'
import { titleOf } from './apply.ts'
import type { Plan, Step } from './plan.ts'
import { askPatiently, eachOf } from './turns.ts'

/** One thing that is otherwise on the server than in the files, and who made it so. */
export interface Drift {
  client: string
  clientId: unknown
  /** `missing`: only in a file; `unknown`: in a group that the files own, and in none of them. */
  drift: 'changed' | 'missing' | 'unknown'
  member: string | null
  inFile: unknown
  onServer: unknown
  /** Null: nobody knows, or the caller may not. */
  changedBy: string | null
  changedAt: string | null
}

interface ClientEvent {
  occurredAt: string
  type: string
  userId: string | null
  email: string | null
  metadata: { fields?: unknown; actingClientId?: unknown }
}

/** What has become of the clients of a plan. Who did it is told by their events, to those who hold audit:read. */
export async function driftOf(session: Session, { steps }: Plan): Promise<Drift[]> {
  let allowed = true
  async function eventsOf(client: ShownClient): Promise<ClientEvent[]> {
    if (!allowed) return []
    try {
      const path = clientPath(String(client['clientId']), '/events?limit=100')
      return ((await askPatiently(session, { method: 'GET', path })).body as { data: ClientEvent[] }).data
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 403) throw error
      if (allowed) tell('Who changed it is told to whoever holds audit:read.')
      allowed = false
      return []
    }
  }
  return (await eachOf('Asking about', steps, (step) => driftsOf(step, eventsOf))).flat()
}

async function driftsOf(step: Step, eventsOf: (client: ShownClient) => Promise<ClientEvent[]>): Promise<Drift[]> {
  const client = titleOf(step)
  const nobody = { changedBy: null, changedAt: null }
  if (step.action === 'register') {
    const nothing = { member: null, inFile: null, onServer: null }
    return [{ client, clientId: null, drift: 'missing', ...nothing, ...nobody }]
  }
  const events = await eventsOf(step.client)
  const { clientId, name } = step.client
  const by = (event: ClientEvent | undefined) =>
    event ? { changedBy: actorOf(event), changedAt: event.occurredAt } : nobody
  if (step.action !== 'change') {
    const made = events.find(({ type }) => type === 'client.created')
    return [{ client, clientId, drift: 'unknown', member: null, inFile: null, onServer: name, ...by(made) }]
  }
  return step.changes.map(({ member, from, to }) => ({
    client,
    clientId,
    drift: 'changed',
    member,
    inFile: to ?? null,
    onServer: from ?? null,
    ...by(events.find((event) => touches(event, member))),
  }))
}

/** Whether an event is the one after which a member was what it is; the newest that does is. */
function touches({ type, metadata: { fields } }: ClientEvent, member: string): boolean {
  if (type === 'client.created') return true
  if (member === 'isActive' && (type === 'client.expired' || type === 'client.revoked')) return true
  return Array.isArray(fields) && fields.includes(member)
}

function actorOf({ email, userId, metadata: { actingClientId } }: ClientEvent): string {
  const application = typeof actingClientId === 'string' ? actingClientId : undefined
  return email ?? userId ?? application ?? 'the server'
}
