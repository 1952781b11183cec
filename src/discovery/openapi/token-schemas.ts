import type { OpenAPIV3_1 } from 'openapi-types'
import { described, object, seconds, text, texts } from './schema-parts.ts'

/** What is issued, and what is said of it. */
export const tokenSchemas: Readonly<Record<string, OpenAPIV3_1.SchemaObject>> = {
  TokenResponse: object(
    ['access_token', 'token_type', 'expires_in', 'scope'],
    {
      access_token: described('A JWT (RFC 9068).'),
      token_type: {
        type: 'string',
        enum: ['Bearer', 'DPoP'],
        description: 'DPoP: the request had a DPoP proof (RFC 9449).',
      },
      expires_in: { type: 'integer', description: 'Seconds.' },
      scope: described('What was granted, separated by spaces.'),
      refresh_token: described('For clients with the grant refresh_token. Each use replaces it.'),
      id_token: described('A JWT about the person, with the scope openid (OpenID Connect Core §2).'),
    },
    'RFC 6749 §5.1.',
  ),
  Introspection: object(
    ['active'],
    {
      active: { type: 'boolean', description: 'False and nothing else for a token that does not work.' },
      scope: text,
      client_id: text,
      username: described('The e-mail address of the person.'),
      token_type: { type: 'string', enum: ['Bearer', 'DPoP', 'refresh_token'] },
      exp: seconds,
      iat: seconds,
      sub: text,
      aud: { anyOf: [text, texts] },
      iss: text,
      cnf: {
        type: 'object',
        description:
          'Who alone may use it (RFC 7800 §3.1): x5t#S256 is the thumbprint of a certificate (RFC 8705 §3.2), jkt of a key (RFC 9449 §6.2).',
        additionalProperties: text,
      },
      jti: text,
      org: described('The slug of the organisation.'),
      org_id: text,
      grant_id: described('The authorization that the token comes from.'),
      auth_time: seconds,
      roles: { type: 'array', items: {}, description: 'For first-party clients.' },
    },
    'RFC 7662 §2.2.',
  ),
}
