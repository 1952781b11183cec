import { withOptimisticRetry, type UpdateConditions } from '../../lib/concurrency/optimistic-update.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { Client, ClientSettings } from '../../model/clients/client.ts'
import type { TokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { assertHoldsPermissionsOf, assertNoPrivilegeEscalation } from '../../permissions/privilege-escalation.ts'
import { documentIssues } from '../registration/cimd-document.ts'
import { expiryIssues } from '../settings/expiry.ts'
import { signingAlgorithmsOf } from '../settings/signing-algorithms.ts'
import { withInheritedLifetimes } from '../settings/lifetimes.ts'
import { clientChanges, clientEvent } from './client-event.ts'
import { dryRunResult, type ClientDryRun } from './dry-run.ts'
import { assertNoIssues, ExternalIdConflict } from './errors.ts'
import { findClient, type ClientFinder, type ClientManagement } from './find-client.ts'
import { assertSigningSecret, assertUniqueExternalId, assertValidSector } from './settings-checks.ts'

/**
 * Computes, for the client as it is now, the settings that change and everything that is wrong with them. `lifetimes` are
 * those of its organisation.
 */
export type ClientUpdate = (
  client: Client,
  lifetimes?: TokenLifetimes,
) => { changed: Partial<ClientSettings>; issues: ValidationIssue[] }

/**
 * Changes the settings of a client. The caller must hold the permissions that the client has before and after the update,
 * unless it only disables the client. An update that changes nothing records no audit event. Throws `InvalidSettings`,
 * `PermissionEscalation`, `ExternalIdConflict`, `PreconditionFailed`.
 */
export function updateClient(
  services: ClientFinder & Pick<ClientManagement, 'clock' | 'createKeys' | 'fetchText'>,
  context: AdminContext,
  reference: string,
  update: ClientUpdate,
  conditions: UpdateConditions,
): Promise<Client | ClientDryRun> {
  const { clients, clock } = services
  const find = () => findClient(services, context, reference)
  return withOptimisticRetry<Client, Client | ClientDryRun>(find, conditions, async (client) => {
    const lifetimes = await clients.findTokenLifetimes(context.organisationId)
    const { changed, issues } = update(client, lifetimes)
    const settings = { ...client, ...changed }
    assertNoIssues([...issues, ...expiryIssues(settings, changed, clock.now()), ...documentIssues(client, changed)])
    const fields = Object.keys(changed)
    const onlyDisables = fields.length === 1 && changed.isActive === false
    if (!onlyDisables) {
      assertHoldsPermissionsOf(context, client)
      assertNoPrivilegeEscalation(context, settings.scopes)
    }
    if (fields.includes('sectorIdentifierUri') || fields.includes('redirectUris')) {
      await assertValidSector(services, settings)
    }
    await assertSigningSecret(services, client, settings)
    await assertUniqueExternalId(services, context, changed.externalId)
    if (conditions.dryRun) return dryRunResult(client, settings)
    if (fields.length === 0) return client
    const togglesActiveOnly = fields.length === 1 && changed.isActive !== undefined
    const type = togglesActiveOnly ? (changed.isActive ? 'client.enabled' : 'client.disabled') : 'client.updated'
    const event = clientEvent(services, context, type, client, { fields }, { changes: clientChanges(client, changed) })
    const inherited = withInheritedLifetimes(changed, settings.profile, lifetimes)
    await services.createKeys(signingAlgorithmsOf(changed))
    const stored = await clients.update(client, inherited, event.occurredAt, event)
    if (stored === 'external_id_taken') throw new ExternalIdConflict()
    return stored
  })
}
