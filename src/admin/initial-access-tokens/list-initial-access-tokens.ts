import { z } from 'zod'
import type { InitialAccessTokenServices } from '../../clients/management/initial-access-tokens.ts'
import { adminOperation } from '../operation.ts'
import { initialAccessTokenSchema, representToken, TOKENS_PATH } from './initial-access-token.ts'

export const listInitialAccessTokensOperation = ({ clientRegistrations }: InitialAccessTokenServices) =>
  adminOperation({
    method: 'GET',
    path: TOKENS_PATH,
    operationId: 'listInitialAccessTokens',
    tag: 'Registration',
    permission: 'clients:read',
    summary: 'List the initial access tokens',
    description: 'Without their values.',
    schema: { response: { 200: z.object({ data: z.array(initialAccessTokenSchema) }) } },
    async handle({ context }) {
      const tokens = await clientRegistrations.listInitialAccessTokens(context.organisationId)
      return { data: tokens.map(representToken) }
    },
  })
