import { z } from 'zod'
import type { StoredPermission } from '../../model/permissions/role.ts'

export const PERMISSIONS_TAG = 'Permissions'
export const PERMISSIONS_PATH = '/v1/admin/permissions'

export const permissionSchema = z.object({
  id: z.string(),
  slug: z.string().describe('resource:action, resource:* or *.'),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  resource: z.string(),
  action: z.string(),
})

export function representPermission({
  id,
  slug,
  name,
  description,
  category,
}: StoredPermission): z.output<typeof permissionSchema> {
  const [resource = '*', action = '*'] = slug.split(':')
  return { id, slug, name, description, category, resource, action }
}

/** A permission by itself: it belongs to the server, not to an organisation. */
export const singlePermissionSchema = permissionSchema.extend({
  organisationId: z.null(),
  isSystemPermission: z.literal(true),
})
