import type { AdminContext } from '../../model/permissions/permission.ts'
import type { AssignedRole, RoleAssignment } from '../../model/permissions/role-assignment.ts'
import { assignToSubject, removeFromSubject, type AssignmentRequest, type RoleAssigner } from '../role-assignments.ts'
import { findServiceAccount, type ServiceAccountFinder } from './find-service-account.ts'

export type ServiceAccountRoleAssigner = RoleAssigner & ServiceAccountFinder

/** The roles of a service account in every scope, those that have ended included. Throws `ServiceAccountNotFound`. */
export async function listServiceAccountRoles(
  services: ServiceAccountRoleAssigner,
  context: AdminContext,
  id: string,
): Promise<RoleAssignment[]> {
  return services.roleAssignments.listForServiceAccount(await findServiceAccount(services, context, id))
}

/** Gives a service account a role, as `assignRole` does to a user. Throws `ServiceAccountNotFound`. */
export async function assignServiceAccountRole(
  services: ServiceAccountRoleAssigner,
  context: AdminContext,
  id: string,
  request: AssignmentRequest,
): Promise<boolean> {
  const { organisationId } = await findServiceAccount(services, context, id)
  return assignToSubject(services, context, { type: 'service_account', id, organisationId }, request)
}

/** Takes a role from a service account, likewise. */
export async function removeServiceAccountRole(
  services: ServiceAccountRoleAssigner,
  context: AdminContext,
  id: string,
  assigned: AssignedRole,
): Promise<boolean> {
  const { organisationId } = await findServiceAccount(services, context, id)
  return removeFromSubject(services, context, { type: 'service_account', id, organisationId }, assigned)
}
