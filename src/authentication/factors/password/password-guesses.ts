import { sha256 } from '../../../lib/crypto/hash.ts'

/**
 * The subject of rate limits on guesses of the password of an account. A new password has a count of its own: who gets one
 * after a lockout, from an administrator or by `owner reset`, can use it at once, and earlier guesses say nothing about it.
 */
export function passwordGuesses(emailKey: string, passwordHash: string | null): string {
  return sha256(`${emailKey}\n${passwordHash ?? ''}`).toString('base64url')
}
