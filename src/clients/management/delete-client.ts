import { withOptimisticRetry, type UpdateConditions } from '../../lib/concurrency/optimistic-update.ts'
import type { Client } from '../../model/clients/client.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { clientChanges, clientEvent } from './client-event.ts'
import { dryRunResult, type ClientDryRun } from './dry-run.ts'
import { findClient, requireClient, type ClientFinder, type ClientManagement } from './find-client.ts'

type ClientRemover = ClientFinder & Pick<ClientManagement, 'clock'>

/** Deletes a client and invalidates everything issued to it. Its `client_id` is never used again. Throws `PreconditionFailed`. */
export function deleteClient(
  services: ClientRemover,
  context: AdminContext,
  reference: string,
  conditions: UpdateConditions,
): Promise<ClientDryRun | 'deleted'> {
  const find = () => findClient(services, context, reference)
  return withOptimisticRetry<Client, ClientDryRun | 'deleted'>(find, conditions, async (client) => {
    if (conditions.dryRun) return dryRunResult(client, undefined)
    const event = clientEvent(services, context, 'client.deleted', client, { name: client.name })
    const deleted = await services.clients.delete(client, client.version, event.occurredAt, event)
    return deleted ? 'deleted' : undefined
  })
}

/** Disables a client and invalidates everything issued to it. It can be enabled again. */
export async function revokeClient(services: ClientRemover, context: AdminContext, reference: string): Promise<void> {
  const client = await findClient(services, context, reference)
  const event = clientEvent(
    services,
    context,
    'client.revoked',
    client,
    {},
    {
      changes: clientChanges(client, { isActive: false }),
    },
  )
  requireClient(await services.clients.revoke(client, event.occurredAt, event))
}
