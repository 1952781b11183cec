import { z } from 'zod'
import { parameter, seconds } from './message.ts'

/** RFC 8628 §3.2. */
export const deviceAuthorizationResponse = z
  .object({
    device_code: parameter('Send it to the token endpoint. Do not show it to the user.'),
    user_code: parameter('The code that the user enters.'),
    verification_uri: parameter('The page where the user enters the code.'),
    verification_uri_complete: parameter('The same page with the code filled in, for a QR code.'),
    expires_in: seconds('Seconds until both codes expire.'),
    interval: seconds('The minimum number of seconds between two token requests.'),
  })
  .meta({ description: 'RFC 8628 section 3.2.' })
export type DeviceAuthorizationResponse = z.output<typeof deviceAuthorizationResponse>
