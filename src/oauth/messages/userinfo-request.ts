import { z } from 'zod'
import { parameter } from './message.ts'

/** The form of a userinfo request by POST (OpenID Connect Core §5.3.1, RFC 6750 §2.2). */
export const userinfoRequest = z.object({
  access_token: parameter('The access token, unless the Authorization header contains it (RFC 6750 section 2.2).', {
    example: 'ACCESS_TOKEN',
  }).optional(),
})
