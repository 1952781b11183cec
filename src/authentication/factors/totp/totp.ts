// `authentication/factors/totp` computes the codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, which
// every app understands. A code of the step before and of the step after is accepted, because clocks of telephones differ.

import { Secret, TOTP } from 'otpauth'
import { randomBytes } from '../../../lib/crypto/random.ts'

export const TOTP_PERIOD_SECONDS = 30
const DIGITS = 6
/** 160 bits (RFC 4226 §4, R6). */
const SECRET_BYTES = 20
/** Steps before and after the current one (RFC 6238 §5.2). */
const WINDOW = 1

export function createTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES)
}

/** The secret in Base32, as a user types it into an app. */
export function encodeTotpSecret(secret: Uint8Array): string {
  return toSecret(secret).base32
}

/** The `otpauth:` URI that apps read from a QR code. `issuer` and `account` are shown by the app. */
export function totpUri(secret: Uint8Array, issuer: string, account: string): string {
  return new TOTP({
    issuer,
    label: account,
    secret: toSecret(secret),
    algorithm: 'SHA1',
    digits: DIGITS,
    period: TOTP_PERIOD_SECONDS,
  }).toString()
}

/** Six digits, which may be separated by spaces. */
export function isTotpCode(text: string): boolean {
  return /^\d{6}$/.test(compact(text))
}

/** The time step whose code `code` is, if it is at most one step away from `now`. Compares in constant time. */
export function findTotpStep(secret: Uint8Array, code: string, now: Date): number | undefined {
  const timestamp = now.getTime()
  const delta = TOTP.validate({
    token: compact(code),
    secret: toSecret(secret),
    digits: DIGITS,
    period: TOTP_PERIOD_SECONDS,
    timestamp,
    window: WINDOW,
  })
  return delta === null ? undefined : Math.floor(timestamp / 1000 / TOTP_PERIOD_SECONDS) + delta
}

function compact(code: string): string {
  return code.normalize('NFKC').replaceAll(/[\s-]/g, '')
}

function toSecret(secret: Uint8Array): Secret {
  return new Secret({ buffer: Uint8Array.from(secret).buffer })
}
