import { randomAlphanumeric } from '../lib/random.ts'

/** Whether a text looks like a `client_id` of ours. */
export const CLIENT_ID_PATTERN = /^client_[A-Za-z0-9]{1,100}$/

/** A `client_id` that nobody has: 124 bits. */
export function generateClientId(): string {
  return `client_${randomAlphanumeric(24)}`
}
