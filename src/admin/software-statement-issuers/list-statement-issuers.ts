import { z } from 'zod'
import type { StatementIssuerServices } from '../../clients/management/statement-issuers.ts'
import { adminOperation } from '../operation.ts'
import { issuerSchema, ISSUERS_PATH, representIssuer } from './statement-issuer.ts'

export const listStatementIssuersOperation = ({ softwareStatementIssuers }: StatementIssuerServices) =>
  adminOperation({
    method: 'GET',
    path: ISSUERS_PATH,
    operationId: 'listSoftwareStatementIssuers',
    tag: 'Registration',
    permission: 'clients:read',
    summary: 'List the trusted issuers of software statements',
    schema: { response: { 200: z.object({ data: z.array(issuerSchema) }) } },
    async handle({ context }) {
      const issuers = await softwareStatementIssuers.list(context.organisationId)
      return { data: issuers.map(representIssuer) }
    },
  })
