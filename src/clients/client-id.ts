import { randomAlphanumeric } from '../lib/random.ts'

/** The format of the `client_id`s that this server generates. */
export const CLIENT_ID_PATTERN = /^client_[A-Za-z0-9]{1,100}$/

/** A new `client_id` with 124 random bits. */
export function generateClientId(): string {
  return `client_${randomAlphanumeric(24)}`
}
