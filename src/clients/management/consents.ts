import { NotFound } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { clientEvent } from './client-event.ts'
import { findClient, type ClientFinder, type ClientManagement } from './find-client.ts'

type ConsentManager = ClientFinder & Pick<ClientManagement, 'clock' | 'consents'>

/** The consents that users have given to a client, the newest first. */
export async function listConsents(
  services: ConsentManager,
  context: AdminContext,
  reference: string,
  page: { limit: number; offset: number },
) {
  return services.consents.listForClient(await findClient(services, context, reference), page)
}

/** Revokes the consent of one user, with the grants that depend on it. Throws `NotFound`. */
export async function revokeConsent(
  services: ConsentManager,
  context: AdminContext,
  reference: string,
  userId: string,
): Promise<void> {
  const client = await findClient(services, context, reference)
  const resource = { type: 'user', id: userId }
  const event = clientEvent(services, context, 'oauth2.consent.revoked', client, { by: 'administrator' }, { resource })
  const revoked = await services.consents.revoke(client, userId, event.occurredAt, event)
  if (!revoked) throw new NotFound('The user has given no consent to this client.')
}

/** Revokes the consents of all users, with the grants that depend on them. */
export async function revokeConsents(
  services: ConsentManager,
  context: AdminContext,
  reference: string,
): Promise<void> {
  const client = await findClient(services, context, reference)
  const event = clientEvent(services, context, 'client.consents_revoked', client)
  await services.consents.revokeAll(client, event.occurredAt, event)
}
