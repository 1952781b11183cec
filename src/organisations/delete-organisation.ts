import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import type { AuditEventType } from '../audit/catalogue.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import type { Clock } from '../lib/time/clock.ts'
import { Conflict, InvalidInput } from '../lib/domain-error.ts'
import type { AuditEvent } from '../model/audit/audit-event.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import type { Organisation, OrganisationStatus } from '../model/organisations/organisation.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import { isAssignmentEffective, type RoleAssignmentRepository } from '../model/permissions/role-assignment.ts'
import { OWNER_ROLE_SLUG } from '../model/permissions/role.ts'
import { OperatorOrganisation, OrganisationDeleted, OwnersOnly } from './errors.ts'
import { findOrganisation, operatorEvent } from './update-organisation.ts'

export interface OrganisationDeletion {
  organisations: Pick<OrganisationRepository, 'find' | 'delete' | 'restore'>
  clock: Clock
}

export interface OwnOrganisationDeletion extends OrganisationDeletion {
  roleAssignments: Pick<RoleAssignmentRepository, 'listForUser'>
}

/**
 * Deletes the organisation of its owner, who confirms it by its slug. All access ends at once. The operator of the server can
 * restore it until it is purged. Throws `OwnersOnly`, `InvalidInput` and `OperatorOrganisation`.
 */
export async function deleteOwnOrganisation(
  services: OwnOrganisationDeletion,
  context: AdminContext,
  confirmation: string | undefined,
): Promise<void> {
  const { userId: id, actingClientId, apiKeyId, organisationId } = context
  const isSignedIn = actingClientId === undefined && apiKeyId === undefined
  if (id === undefined || !isSignedIn) throw new OwnersOnly()
  const now = services.clock.now()
  const assignments = await services.roleAssignments.listForUser({ id, organisationId })
  const isOwner = assignments.some(
    (assignment) =>
      assignment.role.slug === OWNER_ROLE_SLUG && assignment.within === null && isAssignmentEffective(assignment, now),
  )
  if (!isOwner) throw new OwnersOnly()
  await deleteOrganisation(services, context, organisationId, confirmation)
}

/** The same for any organisation, for the operator of the server. */
export async function deleteOrganisation(
  services: OrganisationDeletion,
  context: AdminContext,
  id: string,
  confirmation: string | undefined,
): Promise<void> {
  const organisation = await findOrganisation(services, id)
  if (confirmation !== organisation.slug) throw unconfirmed()
  if (organisation.isOperator) throw new OperatorOrganisation('deleted')
  const events = eventsOf(services, context, 'organisation.deleted', organisation, 'cancelled')
  if (!(await services.organisations.delete(id, events))) throw new OrganisationDeleted()
}

/** Restores a deleted organisation in its former status. What ended with the deletion stays ended. Throws `Conflict`. */
export async function restoreOrganisation(
  services: OrganisationDeletion,
  context: AdminContext,
  id: string,
): Promise<Organisation> {
  const organisation = await findOrganisation(services, id)
  // Storage knows the former status.
  const events = eventsOf(services, context, 'organisation.restored', organisation, undefined)
  if (!(await services.organisations.restore(id, events))) {
    throw new Conflict('The organisation is not deleted, or it is being purged.')
  }
  return findOrganisation(services, id)
}

function eventsOf(
  { clock }: Pick<OrganisationDeletion, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id, slug, status }: Organisation,
  newStatus: OrganisationStatus | undefined,
): [AuditEvent, ...AuditEvent[]] {
  const resource = { type: 'organisation', id }
  const changes = newStatus && fieldChanges({ status }, { status: newStatus })
  const event = createAdminAuditEvent(context, clock, type, { resource, metadata: { slug }, changes })
  return context.organisationId === id ? [event] : [event, operatorEvent(clock, type, id, { slug }, changes)]
}

function unconfirmed(): InvalidInput {
  const message = 'must be the slug of the organisation, as a confirmation'
  return new InvalidInput([{ path: ['confirmDomain'], code: 'custom', message }])
}
