import { z } from 'zod'
import {
  createInitialAccessToken,
  type InitialAccessTokenServices,
} from '../../clients/management/initial-access-tokens.ts'
import * as field from '../../clients/settings/properties/fields.ts'
import { standardScopes } from '../../oauth/scope.ts'
import { adminOperation } from '../operation.ts'
import { initialAccessTokenSchema, representToken, TOKENS_PATH } from './initial-access-token.ts'

const newTokenSchema = z.strictObject(
  {
    name: field.displayName,
    uses: field.integer(1, 100_000).default(1).describe('The number of clients that it can register.'),
    expiresIn: field.integer(60, 31_536_000).default(86_400).describe('Seconds.'),
    scopes: field.listOf(field.scope).default(Object.keys(standardScopes)),
  },
  { error: 'must be a JSON object' },
)

export const createInitialAccessTokenOperation = (services: InitialAccessTokenServices) =>
  adminOperation({
    method: 'POST',
    path: TOKENS_PATH,
    operationId: 'createInitialAccessToken',
    tag: 'Registration',
    permission: 'clients:create',
    summary: 'Create an initial access token',
    description: 'The token is in this response only.',
    schema: {
      body: newTokenSchema,
      response: { 201: initialAccessTokenSchema.extend({ token: z.string() }) },
    },
    errors: [400],
    example: { name: 'Build server', uses: 10, expiresIn: 3600, scopes: ['openid', 'profile', 'email'] },
    async handle({ context, request, reply }) {
      const { token, plaintext } = await createInitialAccessToken(services, context, request.body)
      return reply.status(201).send({ ...representToken(token), token: plaintext })
    },
  })
