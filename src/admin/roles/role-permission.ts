import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { PermissionNames, RoleDryRun } from '../../permissions/find-role.ts'
import type { ChangedPermissions } from '../../permissions/role-permissions.ts'
import { dryRunSchema } from '../dry-run.ts'
import { permissionId, permissionName, ROLE_PATH } from './role.ts'

export const ROLE_PERMISSIONS_PATH = `${ROLE_PATH}/permissions`

/** The body that names one permission. */
export const permissionBody = z
  .strictObject(
    {
      permissionId: permissionId.optional().describe('The id of the permission. Required unless permission is sent.'),
      permission: permissionName.optional().describe('Its slug, or an alias, which may stand for several permissions.'),
    },
    { error: 'must be a JSON object with the member permissionId or permission' },
  )
  .refine((body) => (body.permissionId === undefined) !== (body.permission === undefined), {
    error: 'must have one of the members permissionId and permission',
  })

export function readPermissionNames(body: z.output<typeof permissionBody>): PermissionNames {
  return {
    ids: body.permissionId === undefined ? [] : [body.permissionId],
    slugs: body.permission === undefined ? [] : [body.permission],
  }
}

/** The same for a body that has not been validated. Throws a 400 problem. */
export function parsePermissionNames(body: unknown): PermissionNames {
  const parsed = permissionBody.safeParse(body)
  if (!parsed.success) throw validationError(parsed.error.issues as ValidationIssue[])
  return readPermissionNames(parsed.data)
}

export const changedPermissionsSchema = z.object({
  message: z.string(),
  roleId: z.string(),
  permissionId: z.string().describe('The first of permissions.'),
  permissions: z.array(z.object({ id: z.string(), slug: z.string() })),
})
export const changedOrDryRun = z.union([changedPermissionsSchema, dryRunSchema])

export function representChange(
  change: ChangedPermissions | RoleDryRun,
  message: string,
): z.output<typeof changedPermissionsSchema> | RoleDryRun {
  if ('dryRun' in change) return change
  const permissions = change.permissions.map(({ id, slug }) => ({ id, slug }))
  return { message, roleId: change.role.id, permissionId: permissions[0]?.id ?? '', permissions }
}
