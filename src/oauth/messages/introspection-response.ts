import { z } from 'zod'
import { epochSeconds, parameter } from './message.ts'

/** RFC 7662 §2.2. */
export const introspectionResponse = z
  .object({
    active: z.boolean().meta({ description: 'Whether the token is valid now. If false, it is the only member.' }),
    scope: parameter('The granted scopes, separated by spaces.').optional(),
    client_id: parameter('The client that the token was issued to.').optional(),
    username: parameter('The email address of the user.').optional(),
    token_type: z.enum(['Bearer', 'DPoP', 'refresh_token']).optional(),
    exp: epochSeconds.optional(),
    iat: epochSeconds.optional(),
    sub: parameter('The subject: a user, or the client itself.').optional(),
    aud: z
      .union([z.string(), z.array(z.string())])
      .meta({ description: 'The intended audience.' })
      .optional(),
    iss: parameter('The issuer.').optional(),
    cnf: z
      .record(z.string(), z.string())
      .meta({
        description:
          'What the token is bound to (RFC 7800 section 3.1): x5t#S256 is the thumbprint of a certificate (RFC 8705 section 3.2), jkt of a DPoP key (RFC 9449 section 6.2).',
      })
      .optional(),
    jti: parameter('The id of the access token.').optional(),
    org: parameter('The slug of the organisation.').optional(),
    org_id: parameter('The id of the organisation.').optional(),
    grant_id: parameter('The id of the grant that the token belongs to.').optional(),
    auth_time: epochSeconds.optional(),
    acr: parameter('The level of authentication, pwd or mfa.').optional(),
    roles: z.array(z.unknown()).meta({ description: 'The roles of the user, for first-party clients.' }).optional(),
  })
  .meta({ description: 'RFC 7662 section 2.2. Further members are claims that the client of the token configured.' })
export type IntrospectionResponse = z.output<typeof introspectionResponse>
