import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { SoftwareStatementIssuer } from '../../model/clients/software-statement-issuer.ts'
import { standardScopes } from '../../oauth/scope.ts'

export const ISSUERS_PATH = '/v1/admin/software-statement-issuers'
export const ISSUER_PATH = `${ISSUERS_PATH}/:id`

export const issuerParams = z.object({ id: z.uuid({ error: 'must be the id of an issuer' }) })

/** The properties of an issuer that can be replaced. */
export const issuerSettings = {
  jwks: field.keySet.nullable().default(null).describe('Its public keys. Required unless jwksUri is sent.'),
  jwksUri: field.webUri.nullable().default(null).describe('The URL of its public keys.'),
  scopes: field
    .listOf(field.scope)
    .default(Object.keys(standardScopes))
    .describe('The scopes that clients with its statements may have at most.'),
}

export const issuerSchema = z.object({
  id: z.string(),
  issuer: z.string(),
  jwks: z.record(z.string(), z.unknown()).nullable(),
  jwksUri: z.string().nullable(),
  scopes: z.array(z.string()),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
})

export function representIssuer({
  organisationId: _,
  ...issuer
}: SoftwareStatementIssuer): z.output<typeof issuerSchema> {
  return { ...issuer, createdAt: issuer.createdAt.toISOString(), updatedAt: issuer.updatedAt.toISOString() }
}
