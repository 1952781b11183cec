import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { Conflict, NotFound } from '../../lib/domain-error.ts'
import type { ClientRegistrationRepository } from '../../model/clients/client-registration.ts'
import type { RegistrationSettings } from '../../model/clients/registration-settings.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { assertNoPrivilegeEscalation } from '../../permissions/privilege-escalation.ts'

export interface RegistrationPolicyServices {
  clientRegistrations: Pick<ClientRegistrationRepository, 'findSettings' | 'updateSettings'>
  clock: Clock
}

/** Settings to change; undefined leaves one as it is. */
export type RegistrationPolicyUpdate = {
  [Setting in keyof RegistrationSettings]?: RegistrationSettings[Setting] | undefined
}

/** The rules by which clients register themselves in the caller's organisation. */
export async function getRegistrationPolicy(
  { clientRegistrations }: RegistrationPolicyServices,
  { organisationId }: AdminContext,
): Promise<RegistrationSettings> {
  const settings = await clientRegistrations.findSettings({ id: organisationId })
  if (!settings) throw new NotFound('The organisation is not available.')
  return settings
}

/** Changes the rules. Throws `PermissionEscalation`, or `Conflict` where another organisation has one of the hosts. */
export async function updateRegistrationPolicy(
  { clientRegistrations, clock }: RegistrationPolicyServices,
  context: AdminContext,
  update: RegistrationPolicyUpdate,
): Promise<RegistrationSettings> {
  // A caller who adds a host could act as its clients, which may have the scopes that are already allowed.
  const current = await getRegistrationPolicy({ clientRegistrations, clock }, context)
  assertNoPrivilegeEscalation(context, [...current.clientIdMetadataScopes, ...(update.clientIdMetadataScopes ?? [])])
  const event = createAdminAuditEvent(context, clock, 'registration.policy_changed', {
    resource: { type: 'organisation', id: context.organisationId },
    metadata: update,
    changes: fieldChanges(current, update),
  })
  const settings = await clientRegistrations.updateSettings(context.organisationId, update, event)
  if (settings === 'host_taken') {
    throw new Conflict('Another organisation already accepts metadata documents from one of these hosts, or from any.')
  }
  return settings
}
