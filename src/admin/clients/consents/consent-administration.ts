// `admin/clients/consents` owns the routes that list and revoke the consents users gave to a client.
// Asking users for consent belongs to `authorize`.
// Reads and writes are limited to the administrator's organisation.

import { notFound } from '../../../http/errors/problem.ts'
import type { ConsentRepository } from '../../../model/grants/consent.ts'
import type { AdminRequestContext } from '../../context.ts'
import type { ClientAdministration } from '../client-administration.ts'

export interface ConsentAdministrationOptions {
  administration: Pick<ClientAdministration, 'get' | 'eventOf'>
  consents: ConsentRepository
}

/** What administrators see of the consents of people to a client, and take back for them. */
export function createConsentAdministration({ administration, consents }: ConsentAdministrationOptions) {
  const { get, eventOf } = administration
  return {
    list: async (context: AdminRequestContext, reference: string, page: { limit: number; offset: number }) =>
      consents.listForClient(await get(context, reference), page),

    /** Takes back one, with the grants that hang from it. */
    async revoke(context: AdminRequestContext, reference: string, userId: string): Promise<void> {
      const client = await get(context, reference)
      const event = {
        ...eventOf(context, 'oauth2.consent.revoked', client.id, { clientId: client.clientId, by: 'administrator' }),
        resource: { type: 'user', id: userId },
      }
      const revoked = await consents.revoke(client, userId, event.occurredAt, event)
      if (!revoked) throw notFound('This person has not agreed to anything for this client.')
    },

    async revokeAll(context: AdminRequestContext, reference: string): Promise<void> {
      const client = await get(context, reference)
      const event = eventOf(context, 'client.consents_revoked', client.id, { clientId: client.clientId })
      await consents.revokeAll(client, event.occurredAt, event)
    },
  }
}

export type ConsentAdministration = ReturnType<typeof createConsentAdministration>
