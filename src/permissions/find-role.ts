import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import type { AuditEventType } from '../audit/catalogue.ts'
import type { Clock } from '../lib/time/clock.ts'
import { InvalidInput, NotFound } from '../lib/domain-error.ts'
import type { AuditChange, AuditEvent } from '../model/audit/audit-event.ts'
import { canonicalPermissions, type AdminContext } from '../model/permissions/permission.ts'
import { OWNER_ROLE_SLUG, type Role, type RoleRepository, type StoredPermission } from '../model/permissions/role.ts'
import { assertHoldsPermissions } from './privilege-escalation.ts'

export interface RoleManagement {
  roles: RoleRepository
  clock: Clock
}

export type RoleFinder = Pick<RoleManagement, 'clock'> & { roles: Pick<RoleRepository, 'find'> }

export class RoleNotFound extends NotFound {
  override readonly name = 'RoleNotFound'

  constructor() {
    super('There is no such role.')
  }
}

/** What a change would do to a role. `from` is absent for a new role, `to` for a role that would be deleted. */
export interface RoleDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: never[]
}

export const roleDryRun = (changes: RoleDryRun['changes']): RoleDryRun => ({ dryRun: true, changes, warnings: [] })

/** Throws `RoleNotFound`. */
export async function findRole(
  { roles, clock }: RoleFinder,
  { organisationId }: AdminContext,
  id: string,
): Promise<Role> {
  const role = await roles.find({ id, organisationId }, clock.now())
  if (!role) throw new RoleNotFound()
  return role
}

/**
 * The role, if the caller may change it: any role but owner, and only with every permission that the role has. Throws
 * `RoleNotFound`, `InvalidInput` and `PermissionEscalation`.
 */
export async function findRoleToChange(services: RoleFinder, context: AdminContext, id: string): Promise<Role> {
  const role = await findRole(services, context, id)
  if (role.slug === OWNER_ROLE_SLUG) {
    throw invalid('id', 'is the role owner, which always has every permission and cannot be changed or deleted')
  }
  assertHoldsPermissions(context, slugsOf(role), 'The role has')
  return role
}

/** Permissions as a caller names them: by id, or by slug or alias. */
export interface PermissionNames {
  ids: readonly string[]
  slugs: readonly string[]
}

/** The permissions of these names. `paths` are the members that the names came in. Throws `InvalidInput`. */
export async function resolvePermissions(
  { roles }: Pick<RoleManagement, 'roles'>,
  { ids, slugs }: PermissionNames,
  paths: { ids: string; slugs: string },
): Promise<StoredPermission[]> {
  if (ids.length === 0 && slugs.length === 0) return []
  const catalogue = await roles.listPermissions()
  const found = new Map<string, StoredPermission>()
  const unknown: InvalidInput['issues'][number][] = []
  const add = (member: string, given: string, matches: readonly (StoredPermission | undefined)[]) => {
    for (const permission of matches) {
      if (permission) found.set(permission.slug, permission)
      else unknown.push({ path: [member], code: 'custom', message: `contains ${given}, which is not a permission` })
    }
  }
  for (const id of ids) add(paths.ids, id, [catalogue.find((entry) => entry.id === id.toLowerCase())])
  for (const slug of slugs) {
    add(
      paths.slugs,
      slug,
      canonicalPermissions(slug).map((name) => catalogue.find((entry) => entry.slug === name)),
    )
  }
  if (unknown.length > 0) throw new InvalidInput(unknown)
  return [...found.values()]
}

export const slugsOf = ({ permissions }: Pick<Role, 'permissions'>): string[] => permissions.map(({ slug }) => slug)

/** The audit event of a change of a role. */
export function roleEvent(
  { clock }: Pick<RoleManagement, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id, slug }: Pick<Role, 'id' | 'slug'>,
  metadata: Readonly<Record<string, unknown>>,
  changes?: AuditChange[],
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'role', id },
    metadata: { role: slug, ...metadata },
    changes,
  })
}

export function invalid(member: string, message: string): InvalidInput {
  return new InvalidInput([{ path: [member], code: 'custom', message }])
}
