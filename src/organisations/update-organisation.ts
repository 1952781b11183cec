import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import { createAuditEvent, internalRequestMetadata, type AuditEventType } from '../audit/catalogue.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import type { Clock } from '../lib/time/clock.ts'
import { InvalidInput } from '../lib/domain-error.ts'
import { withOptimisticRetry, type UpdateConditions } from '../lib/concurrency/optimistic-update.ts'
import type { ValidationIssue } from '../lib/validation-issue.ts'
import type { AuditChange, AuditEvent } from '../model/audit/audit-event.ts'
import { type OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import {
  isOrganisationActive,
  type Organisation,
  type OrganisationStatus,
} from '../model/organisations/organisation.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import { OperatorOrganisation, OrganisationDeleted, OrganisationNotFound } from './errors.ts'
import {
  changesFrom,
  toChange,
  type ChangedMembers,
  type MemberChange,
  type SessionLifetimes,
} from './organisation-change.ts'

export interface OrganisationManagement {
  organisations: Pick<OrganisationRepository, 'find' | 'update'>
  clock: Clock
  sessionLifetimes: SessionLifetimes
}

/** A status that the operator sets. */
export interface StatusChange {
  status: OrganisationStatus
  reason: string | null
}

/** Computes, for the organisation as it is now, the members that change and everything that is wrong with them. */
export type OrganisationUpdate = (organisation: Organisation) => {
  changed: ChangedMembers
  status?: StatusChange | undefined
  issues: ValidationIssue[]
}

export interface OrganisationDryRun {
  dryRun: true
  changes: MemberChange[]
  warnings: never[]
}

/** Throws `OrganisationNotFound`. */
export async function findOrganisation(
  { organisations }: { organisations: Pick<OrganisationRepository, 'find'> },
  id: string,
): Promise<Organisation> {
  const organisation = await organisations.find(id)
  if (!organisation) throw new OrganisationNotFound()
  return organisation
}

/**
 * Changes the settings of an organisation, and its status. An update that changes nothing records no audit event. Throws
 * `InvalidInput`, `OrganisationNotFound`, `OrganisationDeleted`, `OperatorOrganisation` and `PreconditionFailed`.
 */
export function updateOrganisation(
  services: OrganisationManagement,
  context: AdminContext,
  id: string,
  update: OrganisationUpdate,
  conditions: UpdateConditions,
): Promise<Organisation | OrganisationDryRun> {
  const { organisations, sessionLifetimes } = services
  const find = () => findOrganisation(services, id)
  return withOptimisticRetry<Organisation, Organisation | OrganisationDryRun>(
    find,
    conditions,
    async (organisation) => {
      const { changed, status, issues } = update(organisation)
      if (issues.length > 0) throw new InvalidInput(issues)
      if (organisation.deletedAt !== null) throw new OrganisationDeleted()
      if (organisation.isOperator && status && !isOrganisationActive(status.status)) {
        throw new OperatorOrganisation('suspended')
      }
      const members = changesFrom(organisation, changed, sessionLifetimes)
      const changes = [...members, ...statusChanges(organisation, status)]
      if (conditions.dryRun) return { dryRun: true, changes, warnings: [] }
      if (changes.length === 0) return organisation
      const events = eventsOf(services, context, organisation, changes)
      const outcome = await organisations.update(organisation, { ...toChange(changed, members), status }, events)
      return outcome === 'stale' ? undefined : findOrganisation(services, id)
    },
  )
}

function statusChanges(organisation: Organisation, change: StatusChange | undefined): MemberChange[] {
  if (!change) return []
  return [
    { member: 'status', from: organisation.status, to: change.status },
    { member: 'statusReason', from: organisation.statusReason, to: change.reason },
  ].filter(({ from, to }) => from !== to)
}

/** The event of the caller's organisation, and one in the changed organisation where it is another. */
function eventsOf(
  { clock }: Pick<OrganisationManagement, 'clock'>,
  context: AdminContext,
  { id, status }: Organisation,
  changes: readonly MemberChange[],
): [AuditEvent, ...AuditEvent[]] {
  const to = changes.find(({ member }) => member === 'status')?.to as OrganisationStatus | undefined
  const type = to === undefined ? 'organisation.updated' : statusEventType(status, to)
  const facts = {
    resource: { type: 'organisation', id },
    changes: fieldChanges(
      Object.fromEntries(changes.map(({ member, from }) => [member, from])),
      Object.fromEntries(changes.map(({ member, to: value }) => [member, value ?? null])),
    ),
  }
  const event = createAdminAuditEvent(context, clock, type, facts)
  if (context.organisationId === id) return [event]
  // The organisation does not see the reason.
  const shown = facts.changes.filter(({ field }) => field !== 'statusReason')
  return [event, operatorEvent(clock, type, id, {}, shown)]
}

/** The event in an organisation about what the operator did to it. It does not name the user, who belongs to the operator. */
export function operatorEvent(
  clock: Clock,
  type: AuditEventType,
  organisationId: string,
  metadata: Readonly<Record<string, unknown>>,
  changes?: readonly AuditChange[],
): AuditEvent {
  return createAuditEvent(clock, type, {
    organisationId,
    requestMetadata: internalRequestMetadata,
    resource: { type: 'organisation', id: organisationId },
    metadata: { ...metadata, by: 'operator' },
    changes,
  })
}

function statusEventType(from: OrganisationStatus, to: OrganisationStatus): AuditEventType {
  if (isOrganisationActive(from) === isOrganisationActive(to)) return 'organisation.updated'
  return isOrganisationActive(to) ? 'organisation.activated' : 'organisation.suspended'
}
