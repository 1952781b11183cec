import { z } from 'zod'
import { removeStatementIssuer, type StatementIssuerServices } from '../../clients/management/statement-issuers.ts'
import { adminOperation } from '../operation.ts'
import { ISSUER_PATH, issuerParams } from './statement-issuer.ts'

export const removeStatementIssuerOperation = (services: StatementIssuerServices) =>
  adminOperation({
    method: 'DELETE',
    path: ISSUER_PATH,
    operationId: 'removeSoftwareStatementIssuer',
    tag: 'Registration',
    permission: 'clients:create',
    summary: 'Stop trusting an issuer',
    description: 'Clients that were registered with its statements stay.',
    schema: { params: issuerParams, response: { 204: z.null().describe('Deleted.') } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await removeStatementIssuer(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
