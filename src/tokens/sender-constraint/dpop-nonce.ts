import type { Clock } from '../../lib/clock.ts'
import { equalInConstantTime, hmacSha256 } from '../../lib/hash.ts'

/** Seconds for which one nonce is given; it is good for as long again. */
const NONCE_PERIOD_SECONDS = 150

/** Nonces for DPoP proofs (RFC 9449 §8): nothing of them is stored, and every process gives and takes the same. */
export interface DpopNonces {
  current(): string
  isValid(nonce: string): boolean
}

/** A nonce is a MAC over the present stretch of time: whoever was not given it cannot make a proof for later. */
export function createDpopNonces(key: Uint8Array, clock: Clock): DpopNonces {
  const currentPeriod = () => Math.floor(clock.now().getTime() / 1000 / NONCE_PERIOD_SECONDS)
  const nonceOf = (period: number) => hmacSha256(key, String(period)).toString('base64url', 0, 16)
  return {
    current: () => nonceOf(currentPeriod()),
    // The next one, too: the clock of another process may be ahead.
    isValid: (nonce) =>
      [0, -1, 1].some((step) => equalInConstantTime(Buffer.from(nonce), Buffer.from(nonceOf(currentPeriod() + step)))),
  }
}
