import { z } from 'zod'
import { addStatementIssuer, type StatementIssuerServices } from '../../clients/management/statement-issuers.ts'
import * as field from '../../clients/settings/properties/fields.ts'
import { adminOperation } from '../operation.ts'
import { issuerSchema, issuerSettings, ISSUERS_PATH, representIssuer } from './statement-issuer.ts'

const newIssuerSchema = z.strictObject(
  {
    issuer: field.visibleText(500).min(1, { error: 'must not be empty' }).describe('The iss of its statements.'),
    ...issuerSettings,
  },
  { error: 'must be a JSON object' },
)

export const addStatementIssuerOperation = (services: StatementIssuerServices) =>
  adminOperation({
    method: 'POST',
    path: ISSUERS_PATH,
    operationId: 'addSoftwareStatementIssuer',
    tag: 'Registration',
    permission: 'clients:create',
    summary: 'Trust an issuer of software statements',
    description: 'Its statements about a client override the metadata that the client sends (RFC 7591 §2.3).',
    schema: { body: newIssuerSchema, response: { 201: issuerSchema } },
    errors: [400, 409],
    example: { issuer: 'https://directory.example.com', jwksUri: 'https://directory.example.com/jwks.json' },
    async handle({ context, request, reply }) {
      return reply.status(201).send(representIssuer(await addStatementIssuer(services, context, request.body)))
    },
  })
