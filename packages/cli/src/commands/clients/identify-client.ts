import {
  ApiError,
  type Client,
  getClient,
  listClientConsents,
  listClientGrants,
  listClientSecrets,
} from 'cerberus-idp-admin-client'
import type { Session } from '../../sign-in/session.ts'

/** A client by its name and its clientId, as a confirmation names it. */
export const clientTitle = ({ name, clientId }: Pick<Client, 'name' | 'clientId'>): string => `“${name}” (${clientId})`

/**
 * The name and the clientId of a client, for a confirmation. A caller who may not read clients gets the id back: the change
 * may be allowed nevertheless.
 */
export async function identifyClient(session: Session, id: string): Promise<string> {
  const client = await readIfAllowed(session.send(getClient(id)))
  return client ? clientTitle(client) : id
}

/** The question before a client is deleted or revoked: which one, and what ends with it. */
export async function questionWithDependents(session: Session, verb: string, id: string): Promise<string> {
  const [name, grants, consents, secrets] = await Promise.all([
    identifyClient(session, id),
    readIfAllowed(session.send(listClientGrants(id, { limit: '1' }))),
    readIfAllowed(session.send(listClientConsents(id, { limit: '1' }))),
    readIfAllowed(session.send(listClientSecrets(id))),
  ])
  const counts = [
    grants && count(grants.total, 'grant', grants.moreThanTotal),
    ...(verb === 'Delete'
      ? [
          consents && count(consents.total, 'consent', consents.moreThanTotal),
          secrets && count(secrets.data.length, 'secret'),
        ]
      : []),
  ]
  const ends = counts.flatMap((one) => (one === undefined || one.startsWith('0 ') ? [] : [one]))
  return `${verb} ${name}? This ends ${new Intl.ListFormat('en').format([...ends, 'all its tokens'])} permanently.`
}

function count(total: number, noun: string, isMore = false): string {
  return `${isMore ? 'at least ' : ''}${total} ${noun}${total === 1 ? '' : 's'}`
}

/** The body of a response; undefined where the caller lacks the permission. */
async function readIfAllowed<Body>(response: Promise<{ body: Body }>): Promise<Body | undefined> {
  try {
    return (await response).body
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'forbidden') return undefined
    throw error
  }
}
