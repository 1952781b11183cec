import type { Clock } from '../../lib/time/clock.ts'
import { equalInConstantTime, hmacSha256 } from '../../lib/crypto/hash.ts'

/** How long one nonce is handed out. It is accepted for as long again. */
const NONCE_PERIOD_SECONDS = 150
/** How long a nonce is accepted at most: its own period and the ones before and after. */
export const MAX_NONCE_AGE_SECONDS = 3 * NONCE_PERIOD_SECONDS

/** Nonces for DPoP proofs (RFC 9449 §8). They are not stored, and are the same in every process. */
export interface DpopNonces {
  current(): string
  isValid(nonce: string): boolean
}

/** A nonce is a MAC over the current period, so a client cannot prepare proofs for later periods. */
export function createDpopNonces(key: Uint8Array, clock: Clock): DpopNonces {
  const currentPeriod = () => Math.floor(clock.now().getTime() / 1000 / NONCE_PERIOD_SECONDS)
  const nonceOf = (period: number) => hmacSha256(key, String(period)).toString('base64url', 0, 16)
  return {
    current: () => nonceOf(currentPeriod()),
    // The nonce of the next period is valid too, because the clock of another process may be ahead.
    isValid: (nonce) =>
      [0, -1, 1].some((step) => equalInConstantTime(Buffer.from(nonce), Buffer.from(nonceOf(currentPeriod() + step)))),
  }
}
