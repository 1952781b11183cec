import type { OpenAPIV3_1 } from 'openapi-types'
import { stringWithDescription, objectSchema, epochSecondsSchema, string, stringArray } from './schema-parts.ts'

/** What is issued, and what is said of it. */
export const tokenSchemas: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = {
  TokenResponse: objectSchema(
    ['access_token', 'token_type', 'expires_in', 'scope'],
    {
      access_token: stringWithDescription('A JWT (RFC 9068).'),
      token_type: {
        type: 'string',
        enum: ['Bearer', 'DPoP'],
        description: 'DPoP: the request had a DPoP proof (RFC 9449).',
      },
      expires_in: { type: 'integer', description: 'Seconds.' },
      scope: stringWithDescription('What was granted, separated by spaces.'),
      refresh_token: stringWithDescription('For clients with the grant refresh_token. Each use replaces it.'),
      id_token: stringWithDescription('A JWT about the person, with the scope openid (OpenID Connect Core §2).'),
    },
    'RFC 6749 §5.1.',
  ),
  Introspection: objectSchema(
    ['active'],
    {
      active: { type: 'boolean', description: 'False and nothing else for a token that does not work.' },
      scope: string,
      client_id: string,
      username: stringWithDescription('The e-mail address of the person.'),
      token_type: { type: 'string', enum: ['Bearer', 'DPoP', 'refresh_token'] },
      exp: epochSecondsSchema,
      iat: epochSecondsSchema,
      sub: string,
      aud: { anyOf: [string, stringArray] },
      iss: string,
      cnf: {
        type: 'object',
        description:
          'Who alone may use it (RFC 7800 §3.1): x5t#S256 is the thumbprint of a certificate (RFC 8705 §3.2), jkt of a key (RFC 9449 §6.2).',
        additionalProperties: string,
      },
      jti: string,
      org: stringWithDescription('The slug of the organisation.'),
      org_id: string,
      grant_id: stringWithDescription('The authorization that the token comes from.'),
      auth_time: epochSecondsSchema,
      roles: { type: 'array', items: {}, description: 'For first-party clients.' },
    },
    'RFC 7662 §2.2.',
  ),
}
