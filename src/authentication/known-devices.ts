import { equalInConstantTime, hmacSha256 } from '../lib/crypto/hash.ts'
import { randomBase64url } from '../lib/crypto/random.ts'

/**
 * Recognises browsers in which an account was signed in to before, by a signed cookie. Attempts of strangers cannot lock
 * such a browser out, and its own attempts are limited by themselves (OWASP: device cookies).
 */
export interface KnownDevices {
  /** The id of the device, if this account was signed in to in it; undefined for a stranger or a forged cookie. */
  find(cookie: string | undefined, accountKey: string): string | undefined
  /** The cookie after a sign-in. It stays valid for the last accounts that were signed in to in this browser. */
  remember(cookie: string | undefined, accountKey: string): string
}

/** A shared browser knows this many accounts. */
const MAX_ACCOUNTS = 5
const ID_BYTES = 16

/** The cookie is the random id of the device and one MAC per account. It names no account. */
export function createKnownDevices(key: Uint8Array): KnownDevices {
  const sign = (id: string, accountKey: string) => hmacSha256(key, `${id}\n${accountKey}`).toString('base64url')
  const includes = (macs: readonly string[], mac: string) =>
    macs.some((candidate) => equalInConstantTime(Buffer.from(candidate), Buffer.from(mac)))

  return {
    find(cookie, accountKey) {
      const [id, ...macs] = cookie?.split('.') ?? []
      return id !== undefined && includes(macs, sign(id, accountKey)) ? id : undefined
    },
    remember(cookie, accountKey) {
      const [id = randomBase64url(ID_BYTES), ...macs] = cookie?.split('.') ?? []
      const mac = sign(id, accountKey)
      return [id, mac, ...macs.filter((other) => other !== mac)].slice(0, MAX_ACCOUNTS + 1).join('.')
    },
  }
}
