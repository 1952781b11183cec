import { z } from 'zod'
import {
  deleteInitialAccessToken,
  type InitialAccessTokenServices,
} from '../../clients/management/initial-access-tokens.ts'
import { adminOperation } from '../operation.ts'
import { TOKENS_PATH } from './initial-access-token.ts'

export const deleteInitialAccessTokenOperation = (services: InitialAccessTokenServices) =>
  adminOperation({
    method: 'DELETE',
    path: `${TOKENS_PATH}/:id`,
    operationId: 'deleteInitialAccessToken',
    tag: 'Registration',
    permission: 'clients:create',
    summary: 'Delete an initial access token',
    description: 'Clients that were registered with it stay.',
    schema: {
      params: z.object({ id: z.uuid({ error: 'must be the id of a token' }) }),
      response: { 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await deleteInitialAccessToken(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
