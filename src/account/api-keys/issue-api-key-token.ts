import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { unauthorized } from '../../http/errors/problem.ts'
import { defineOperation } from '../../http/json-api/operation.ts'
import { tokenCredentials } from '../../http/request/authorization-header.ts'
import { issueApiKeyToken, type ApiKeyTokenIssuance } from '../../tokens/issuance/issue-api-key-token.ts'
import { authenticateApiKey, type ApiKeyAuthentication } from '../../users/api-keys/authenticate-api-key.ts'

export interface ApiKeyTokenServices
  extends Omit<ApiKeyTokenIssuance, 'apiKeys'>, Omit<ApiKeyAuthentication, 'apiKeys'> {
  apiKeys: ApiKeyTokenIssuance['apiKeys'] & ApiKeyAuthentication['apiKeys']
}

const requestSchema = z.strictObject(
  {
    audience: field.resourceUri.describe('The API that reads the token: an audience of a client of the organisation.'),
    scopes: field
      .listOf(field.scope)
      .min(1, { error: 'must name at least one permission' })
      .optional()
      .describe('What the token may do of what the key may do; default all.'),
  },
  { error: 'must be a JSON object' },
)

export const issueApiKeyTokenOperation = (services: ApiKeyTokenServices) =>
  defineOperation({
    method: 'POST',
    path: '/v1/api-keys/token',
    operationId: 'issueApiKeyToken',
    tag: 'API keys',
    security: [{ accessToken: [] }],
    summary: 'Exchange an API key for a short token',
    description:
      'The API key is the bearer token. The response has a JWT for another API, which lives five minutes at most. This server does not accept it: send the key itself.',
    schema: {
      body: requestSchema,
      response: {
        200: z.object({
          token: z.string(),
          tokenType: z.literal('Bearer'),
          expiresIn: z.int().describe('In seconds.'),
          expiresAt: z.string().describe('ISO 8601.'),
          scopes: z.array(z.string()),
        }),
      },
    },
    errorStatuses: [401, 403],
    example: { audience: 'https://api.example.com', scopes: ['users:read'] },
    async handle({ request, reply }) {
      const credentials = tokenCredentials(request)
      const apiKey =
        credentials?.scheme === 'Bearer'
          ? await authenticateApiKey(services, credentials.token, request.clientAddress)
          : undefined
      const { audience, scopes } = request.body
      const issued = apiKey && (await issueApiKeyToken(services, apiKey, { audience, scopes }))
      if (!issued) {
        throw unauthorized(
          'Send an API key as a bearer token: one that is active, of an active user or service account, and from an allowed address.',
          'Bearer realm="cerberus", error="invalid_token"',
        )
      }
      const expiresIn = Math.max(0, Math.round((issued.expiresAt.getTime() - services.clock.now().getTime()) / 1000))
      return reply.send({
        token: issued.token,
        tokenType: 'Bearer' as const,
        expiresIn,
        expiresAt: issued.expiresAt.toISOString(),
        scopes: issued.scopes,
      })
    },
  })
