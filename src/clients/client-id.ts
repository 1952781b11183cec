import { randomAlphanumeric } from '../lib/crypto/random.ts'
import { isClientIdUrl } from '../oauth/client-id-url.ts'
import { isUuid } from '../lib/text/uuid.ts'

/** The format of the `client_id`s that this server generates. */
const GENERATED_PATTERN = /^client_[A-Za-z0-9]{1,100}$/
/** Of the characters of RFC 6749 appendix A.1, those that need no escaping in URLs, shells and logs. */
const CHOSEN_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/
const PAIRWISE_SUBJECT_PATTERN = /^[A-Za-z0-9_-]{43}$/

/** A new `client_id` with 124 random bits. */
export function generateClientId(): string {
  return `client_${randomAlphanumeric(24)}`
}

/** Whether a text can be a `client_id` of this server: generated, chosen, or the URL of a metadata document. */
export function canBeClientId(text: string): boolean {
  return GENERATED_PATTERN.test(text) || chosenClientIdProblem(text) === undefined || isClientIdUrl(text)
}

/**
 * Why a text is rejected as the `client_id` that an administrator chooses, or undefined. Every message completes the
 * sentence "clientId …". Subjects of users are excluded because `sub` is the `client_id` where a client acts for itself
 * (RFC 9700 §4.15).
 */
export function chosenClientIdProblem(text: string): string | undefined {
  if (!CHOSEN_PATTERN.test(text)) {
    return 'must have 3 to 100 letters, digits and . _ -, beginning with a letter or a digit'
  }
  if (/^client_/i.test(text)) return 'must not begin with client_, as those that the server generates do'
  if (isUuid(text) || PAIRWISE_SUBJECT_PATTERN.test(text)) {
    return 'must not be a UUID or 43 characters long without a dot: users have such identifiers'
  }
  return undefined
}
