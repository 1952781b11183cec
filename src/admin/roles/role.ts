import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import { isValidUnicode } from '../../lib/text/unicode.ts'
import type { Role } from '../../model/permissions/role.ts'
import type { RoleDryRun } from '../../permissions/find-role.ts'
import { dryRunSchema } from '../dry-run.ts'
import { permissionSchema, representPermission } from '../permissions/permission.ts'

export const ROLES_TAG = 'Roles'
export const ROLES_PATH = '/v1/admin/roles'
export const ROLE_PATH = `${ROLES_PATH}/:id`

export const roleParams = z.object({ id: z.uuid({ error: 'must be the id of a role' }) })

/** The members that can be changed. */
export const roleMembers = {
  name: field.displayName.max(100, { error: 'must have at most 100 characters' }),
  description: field.text(500).nullable().describe('For administrators. Null removes it.'),
  isDefault: field.boolean.describe(
    'Whether users without another role get this one. No other role is the default then.',
  ),
}

export const roleSlug = z
  .string({ error: 'must be a string' })
  .max(63, { error: 'must have at most 63 characters' })
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: 'must be lower-case letters, digits and single hyphens between them' })
  .describe('Unique within the organisation. It never changes.')

/** The slug of a permission, or an alias. */
export const permissionName = z
  .string({ error: 'must be a permission such as users:read' })
  .max(100, { error: 'must have at most 100 characters' })
  .refine(isValidUnicode, { error: 'must not hold the character NUL' })

export const permissionId = z.uuid({ error: 'must be the id of a permission' })

export const roleSchema = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  description: z.string().nullable(),
  isDefault: z.boolean(),
  isSystemRole: z.boolean().describe('Whether the server created it. Such a role cannot be deleted.'),
  organisationId: z.string(),
  permissions: z.array(permissionSchema),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
  _count: z
    .object({ users: z.int().describe('At most 10,000 are counted.'), teams: z.int() })
    .describe('The users who have it now, by themselves or through a team, and the teams.'),
})

export function representRole(role: Role): z.output<typeof roleSchema> {
  const { id, name, slug, description, isDefault, isSystem, organisationId, permissions, userCount, teamCount } = role
  return {
    id,
    name,
    slug,
    description,
    isDefault,
    isSystemRole: isSystem,
    organisationId,
    permissions: permissions.map(representPermission),
    createdAt: role.createdAt.toISOString(),
    updatedAt: role.updatedAt.toISOString(),
    _count: { users: userCount, teams: teamCount },
  }
}

/** The body of the response about a role, or of a dry run. Sets the ETag. */
export function roleBody(reply: FastifyReply, result: Role | RoleDryRun) {
  if ('dryRun' in result) return result
  void reply.header('etag', entityTag(result.version))
  return representRole(result)
}

export const roleOrDryRun = z.union([roleSchema, dryRunSchema])
