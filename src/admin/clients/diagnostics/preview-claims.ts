import { z } from 'zod'
import { claimSources } from '../../../model/clients/client-claim.ts'
import { previewClientClaims, type ClaimsPreviewer } from '../../../tokens/preview-client-claims.ts'
import type { PlacePreview } from '../../../tokens/released-claims/preview-claims.ts'
import { adminOperation } from '../../operation.ts'
import { CLIENT_PATH, CLIENTS_TAG, clientParams } from '../client-path.ts'

const summary = z.object({ id: z.string(), name: z.string(), slug: z.string() })

const reason = z.object({
  claim: z.string(),
  source: z.enum(claimSources).describe('What it is made of.'),
  attribute: z.string().nullable().describe('Of the source attribute: the name of the attribute.'),
  rule: z
    .enum(['client', 'resource', 'scope', 'first_party'])
    .describe(
      'client: an entry of its setting claims. resource: likewise, of the resource. scope: a granted scope. first_party: the client is first-party.',
    ),
  scope: z.string().nullable().describe('The scope that it needs.'),
  overflows: z.boolean().describe('Whether the claim is too large for the token, which has NAME_overflow instead.'),
  assignments: z
    .array(
      z.object({
        role: summary,
        team: summary.nullable().describe('The team through which the user has the role.'),
        within: summary.nullable().describe('The team that the role is limited to.'),
        expiresAt: z.string().nullable().describe('When the role ends; null: it has no end.'),
      }),
    )
    .describe('Of roles and permissions: the assignments that they come from.'),
})

const place = z.object({
  claims: z.record(z.string(), z.unknown()),
  reasons: z.array(reason).describe('One for each claim about the user.'),
})

export const previewClaimsOperation = (services: ClaimsPreviewer) =>
  adminOperation({
    method: 'GET',
    path: `${CLIENT_PATH}/claims-preview`,
    operationId: 'previewClientClaims',
    tag: CLIENTS_TAG,
    permission: 'clients:read',
    summary: 'Preview the claims of a user at a client',
    description:
      'What the ID token, the access token, userinfo and introspection would contain, and why. Nothing is issued. Needs the permission users:read as well. Ids of the token and of the grant are left out.',
    schema: {
      params: clientParams,
      querystring: z.object({
        userId: z.uuid({ error: 'must be the id of a user' }).describe('The id of the user.'),
        scope: z
          .string({ error: 'must be sent once' })
          .max(2000, { error: 'must have at most 2000 characters' })
          .optional()
          .describe('The granted scopes, separated by spaces; default all scopes of the client and the resource.'),
        resource: z
          .string({ error: 'must be sent once' })
          .max(300, { error: 'must have at most 300 characters' })
          .optional()
          .describe('The identifier of the resource that the access token is for (RFC 8707).'),
      }),
      response: {
        200: z.object({
          scope: z.string(),
          idToken: place.nullable().describe('Null without the scope openid.'),
          accessToken: place,
          userinfo: place.nullable().describe('Null without the scope openid.'),
          introspection: place,
        }),
      },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const { userId, scope, resource } = request.query
      const preview = await previewClientClaims(services, context, request.params.id, {
        userId,
        scope,
        resource,
      })
      return {
        scope: preview.scopes.join(' '),
        idToken: preview.idToken && representPlace(preview.idToken),
        accessToken: representPlace(preview.accessToken),
        userinfo: preview.userinfo && representPlace(preview.userinfo),
        introspection: representPlace(preview.introspection),
      }
    },
  })

function representPlace({ claims, reasons }: PlacePreview): z.output<typeof place> {
  return {
    claims,
    reasons: reasons.map((why) => ({
      ...why,
      assignments: why.assignments.map(({ role, through, within, expiresAt }) => ({
        role,
        team: through,
        within,
        expiresAt: expiresAt?.toISOString() ?? null,
      })),
    })),
  }
}
