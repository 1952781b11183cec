import { fieldChanges } from '../../audit/field-changes.ts'
import { withOptimisticRetry, type UpdateConditions } from '../../lib/concurrency/optimistic-update.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict } from '../../lib/domain-error.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { RoleAssignmentRepository } from '../../model/permissions/role-assignment.ts'
import type {
  NewServiceAccount,
  ServiceAccount,
  ServiceAccountChange,
  ServiceAccountRepository,
} from '../../model/service-accounts/service-account.ts'
import { assertHoldsAssignments } from '../held-assignments.ts'
import { findServiceAccount, serviceAccountEvent } from './find-service-account.ts'

export interface ServiceAccountManagement {
  serviceAccounts: ServiceAccountRepository
  roleAssignments: Pick<RoleAssignmentRepository, 'listForServiceAccount'>
  clock: Clock
}

/** What a change would do. `from` is absent for a new account, `to` for one that would be deleted. */
export interface ServiceAccountDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: never[]
}

const dryRunOf = (changes: ServiceAccountDryRun['changes']): ServiceAccountDryRun => ({
  dryRun: true,
  changes,
  warnings: [],
})

const nameTaken = () => new Conflict('Another service account of the organisation has this name.')

/** Creates an active account without roles and keys. Throws `Conflict` if the name is taken. */
export async function createServiceAccount(
  services: ServiceAccountManagement,
  context: AdminContext,
  settings: Pick<NewServiceAccount, 'name' | 'description'>,
  { dryRun }: Pick<UpdateConditions, 'dryRun'>,
): Promise<ServiceAccount | ServiceAccountDryRun> {
  const { name, description } = settings
  if (dryRun) return dryRunOf(Object.entries({ name, description }).map(([member, to]) => ({ member, to })))
  const { organisationId, userId } = context
  const id = uuidv7(services.clock.now())
  const account = { id, organisationId, name, description, createdBy: userId ?? null }
  const changes = fieldChanges(undefined, { name, description })
  const event = serviceAccountEvent(services, context, 'service_account.created', account, changes)
  if ((await services.serviceAccounts.create(account, event)) === 'name_taken') throw nameTaken()
  return findServiceAccount(services, context, id)
}

/**
 * Changes name, description and status. A disabled account and its keys can do nothing until it is enabled again. Throws
 * `ServiceAccountNotFound`, `PreconditionFailed`, `Conflict` if the name is taken, and, where the status changes,
 * `PermissionEscalation`.
 */
export function updateServiceAccount(
  services: ServiceAccountManagement,
  context: AdminContext,
  id: string,
  change: ServiceAccountChange,
  conditions: UpdateConditions,
): Promise<ServiceAccount | ServiceAccountDryRun> {
  const find = () => findServiceAccount(services, context, id)
  return withOptimisticRetry<ServiceAccount, ServiceAccount | ServiceAccountDryRun>(
    find,
    conditions,
    async (account) => {
      const changes = changesOf(account, change)
      const status = changes.find(({ member }) => member === 'status')?.to
      if (status !== undefined) await assertHoldsRoles(services, context, account)
      if (conditions.dryRun) return dryRunOf(changes)
      if (changes.length === 0) return account
      const after: ServiceAccountChange = Object.fromEntries(changes.map(({ member, to }) => [member, to]))
      const type =
        status === undefined
          ? 'service_account.updated'
          : status === 'active'
            ? 'service_account.enabled'
            : 'service_account.disabled'
      const event = serviceAccountEvent(services, context, type, account, fieldChanges(account, after))
      const outcome = await services.serviceAccounts.update(account, after, event)
      if (outcome === 'name_taken') throw nameTaken()
      return outcome === 'stale' ? undefined : findServiceAccount(services, context, id)
    },
  )
}

function changesOf(account: ServiceAccount, change: ServiceAccountChange) {
  return (['name', 'description', 'status'] as const).flatMap((member) => {
    const to = change[member]
    return to === undefined || to === account[member] ? [] : [{ member, from: account[member], to }]
  })
}

/**
 * Deletes an account with its keys and roles. Throws `ServiceAccountNotFound`, `PreconditionFailed` and
 * `PermissionEscalation`.
 */
export function deleteServiceAccount(
  services: ServiceAccountManagement,
  context: AdminContext,
  id: string,
  conditions: UpdateConditions,
): Promise<ServiceAccountDryRun | 'deleted'> {
  const find = () => findServiceAccount(services, context, id)
  return withOptimisticRetry<ServiceAccount, ServiceAccountDryRun | 'deleted'>(find, conditions, async (account) => {
    await assertHoldsRoles(services, context, account)
    const { name, description, status, apiKeyCount } = account
    if (conditions.dryRun) {
      return dryRunOf([
        { member: 'id', from: account.id },
        { member: 'apiKeyCount', from: apiKeyCount },
      ])
    }
    const roles = account.roles.map((role) => role.slug)
    const deleted = fieldChanges({ name, description, status, roles, apiKeyCount }, undefined)
    const event = serviceAccountEvent(services, context, 'service_account.deleted', account, deleted)
    const outcome = await services.serviceAccounts.delete(account, event)
    return outcome === 'stale' ? undefined : outcome
  })
}

/** Throws `PermissionEscalation` where a role of the account has a permission that the caller lacks. */
async function assertHoldsRoles(
  { roleAssignments, clock }: ServiceAccountManagement,
  context: AdminContext,
  account: ServiceAccount,
): Promise<void> {
  const assignments = await roleAssignments.listForServiceAccount(account)
  assertHoldsAssignments(context, assignments, clock.now(), 'The service account has')
}
