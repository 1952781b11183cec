import { notFound } from '../http/problem-dialect.ts'
import type { ConsentRepository } from '../model/consent.ts'
import type { Actor, ClientAdministration } from './administration.ts'

export interface ConsentAdministrationOptions {
  administration: Pick<ClientAdministration, 'get' | 'eventOf'>
  consents: ConsentRepository
}

/** What administrators see of the consents of people to a client, and take back for them. */
export function createConsentAdministration({ administration, consents }: ConsentAdministrationOptions) {
  const { get, eventOf } = administration
  return {
    list: async (actor: Actor, reference: string, page: { limit: number; offset: number }) =>
      consents.listOfClient(await get(actor, reference), page),

    /** Takes back one, with the grants that hang from it. */
    async revoke(actor: Actor, reference: string, userId: string): Promise<void> {
      const client = await get(actor, reference)
      const event = {
        ...eventOf(actor, 'oauth2.consent.revoked', client.id, { clientId: client.clientId, by: 'administrator' }),
        resource: { type: 'user', id: userId },
      }
      const revoked = await consents.revoke(client, userId, event.occurredAt, event)
      if (!revoked) throw notFound('This person has not agreed to anything for this client.')
    },

    async revokeAll(actor: Actor, reference: string): Promise<void> {
      const client = await get(actor, reference)
      const event = eventOf(actor, 'client.consents_revoked', client.id, { clientId: client.clientId })
      await consents.revokeAll(client, event.occurredAt, event)
    },
  }
}

export type ConsentAdministration = ReturnType<typeof createConsentAdministration>
