import { NotFound } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { clientEvent } from './client-event.ts'
import { findClient, requireClient, type ClientFinder, type ClientManagement } from './find-client.ts'

type GrantManager = ClientFinder & Pick<ClientManagement, 'clock' | 'grants'>

/** The active grants of a client, the newest first. */
export async function listGrants(
  services: GrantManager,
  context: AdminContext,
  reference: string,
  page: { limit: number; offset: number },
) {
  const client = await findClient(services, context, reference)
  return services.grants.listForClient(client, services.clock.now(), page)
}

/** Revokes one grant of a client, with its codes and tokens. Throws `NotFound`. */
export async function revokeGrant(
  services: GrantManager,
  context: AdminContext,
  reference: string,
  grantId: string,
): Promise<void> {
  const client = await findClient(services, context, reference)
  const resource = { type: 'grant', id: grantId }
  const event = clientEvent(services, context, 'oauth2.grant_revoked', client, { by: 'administrator' }, { resource })
  const revoked = await services.grants.revokeForClient(client, grantId, event.occurredAt, event)
  if (!revoked) throw new NotFound('The client has no such grant.')
}

/** Revokes everything issued to a client. It stays active. */
export async function revokeGrants(services: GrantManager, context: AdminContext, reference: string): Promise<void> {
  const client = await findClient(services, context, reference)
  const event = clientEvent(services, context, 'client.grants_revoked', client)
  requireClient(await services.clients.revokeGrants(client, event.occurredAt, event))
}
