import { z } from 'zod'
import { parameter, seconds } from './message.ts'

/** RFC 9126 §2.2. */
export const pushedAuthorizationResponse = z
  .object({
    request_uri: parameter(
      'Send it to the authorization endpoint, together with client_id. It is valid until the first response.',
    ),
    expires_in: seconds('Seconds until request_uri expires.'),
  })
  .meta({ description: 'RFC 9126 section 2.2.' })
export type PushedAuthorizationResponse = z.output<typeof pushedAuthorizationResponse>
