import { randomName } from '../lib/random.ts'

/** Whether a text looks like a `client_id` of ours. */
export const CLIENT_ID = /^client_[A-Za-z0-9]{1,100}$/

/** A `client_id` that nobody has: 124 bits. */
export function newClientId(): string {
  return `client_${randomName(24)}`
}
