import { z } from 'zod'
import { parameter, seconds } from './message.ts'

/** RFC 6749 §5.1, with `id_token` of OpenID Connect Core §3.1.3.3. */
export const tokenResponse = z
  .object({
    access_token: parameter('A JWT (RFC 9068), or an opaque token if the client registered that format.'),
    token_type: z
      .enum(['Bearer', 'DPoP'])
      .meta({ description: 'DPoP if the token is bound to a DPoP key (RFC 9449).' }),
    expires_in: seconds('The lifetime of the access token in seconds.'),
    scope: parameter('The granted scopes, separated by spaces.'),
    refresh_token: parameter('For clients with the grant type refresh_token. Each use returns a new one.').optional(),
    id_token: parameter('A JWT about the sign-in, with the scope openid (OpenID Connect Core section 2).').optional(),
  })
  .meta({ description: 'RFC 6749 section 5.1.' })
export type TokenResponse = z.output<typeof tokenResponse>
