import { z } from 'zod'
import type { RoleAssigner } from '../../../users/role-assignments.ts'
import { explainPermission } from '../../../users/user-access.ts'
import { adminOperation } from '../../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'

const summary = z.object({ id: z.string(), name: z.string(), slug: z.string() })

export const explainPermissionOperation = (services: RoleAssigner) =>
  adminOperation({
    method: 'GET',
    path: `${USER_PATH}/effective`,
    operationId: 'explainPermission',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'Explain whether a user has a permission',
    description: 'Lists the roles that include it, through which team, limited to which team, and until when.',
    schema: {
      params: userParams,
      querystring: z.object({
        permission: z
          .string({ error: 'must be a permission, sent once' })
          .regex(/^(?:\*|[a-z_]{1,50}:(?:\*|[a-z_]{1,50}))$/, { error: 'must be a permission such as users:read' })
          .describe('A permission such as users:read.')
          .meta({ example: 'users:read' }),
      }),
      response: {
        200: z.object({
          permission: z.string(),
          granted: z.boolean().describe('Whether the user has it in the whole organisation.'),
          through: z.array(
            z.object({
              role: summary,
              permission: z.string().describe('The permission of the role that includes it.'),
              team: summary.nullable().describe('The team through which the user has the role.'),
              within: summary.nullable().describe('The team that the role is limited to.'),
              expiresAt: z.string().nullable().describe('When the role ends; null: it has no end.'),
            }),
          ),
        }),
      },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const { through, ...answer } = await explainPermission(
        services,
        context,
        request.params.id,
        request.query.permission,
      )
      const roles = through.map((held) => ({ ...held, expiresAt: held.expiresAt?.toISOString() ?? null }))
      return { ...answer, through: roles }
    },
  })
