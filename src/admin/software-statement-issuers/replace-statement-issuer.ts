import { z } from 'zod'
import { replaceStatementIssuer, type StatementIssuerServices } from '../../clients/management/statement-issuers.ts'
import { adminOperation } from '../operation.ts'
import { ISSUER_PATH, issuerParams, issuerSchema, issuerSettings, representIssuer } from './statement-issuer.ts'

export const replaceStatementIssuerOperation = (services: StatementIssuerServices) =>
  adminOperation({
    method: 'PUT',
    path: ISSUER_PATH,
    operationId: 'replaceSoftwareStatementIssuer',
    tag: 'Registration',
    permission: 'clients:create',
    summary: 'Replace the keys and scopes of an issuer',
    description: 'Clients that were registered before keep their scopes.',
    schema: {
      params: issuerParams,
      body: z.strictObject(issuerSettings, { error: 'must be a JSON object' }),
      response: { 200: issuerSchema },
    },
    errors: [400, 404],
    example: { jwksUri: 'https://directory.example.com/jwks.json', scopes: ['openid', 'email'] },
    async handle({ context, request }) {
      return representIssuer(await replaceStatementIssuer(services, context, request.params.id, request.body))
    },
  })
