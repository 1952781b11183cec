import { decrypt, encrypt } from '../lib/crypto/encryption.ts'

/*
 * cat_ base64url( the claims as JSON, encrypted under a key of the server )
 *
 * No row is stored. The token reveals nothing but its length. See docs/decisions/0012.
 */

const OPAQUE_TOKEN_PREFIX = 'cat_'
const ENCRYPTION_PURPOSE = 'access token'
/** The largest token that fits in an accepted form. */
const MAX_TOKEN_LENGTH = 32_768

/** Encodes and decodes opaque access tokens under one key of the server. */
export interface OpaqueTokenCodec {
  encode(claims: Readonly<Record<string, unknown>>): string
  /** The encoded claims, or undefined for anything that is not exactly a token of this server. */
  decode(token: string): Readonly<Record<string, unknown>> | undefined
}

export function createOpaqueTokenCodec(key: Uint8Array): OpaqueTokenCodec {
  return {
    encode: (claims) =>
      OPAQUE_TOKEN_PREFIX + encrypt(key, JSON.stringify(claims), ENCRYPTION_PURPOSE).toString('base64url'),
    decode(token) {
      if (!token.startsWith(OPAQUE_TOKEN_PREFIX) || token.length > MAX_TOKEN_LENGTH) return undefined
      const ciphertext = Buffer.from(token.slice(OPAQUE_TOKEN_PREFIX.length), 'base64url')
      // A lenient decoder accepts several encodings of the same bytes. Only the canonical one is a token.
      if (OPAQUE_TOKEN_PREFIX + ciphertext.toString('base64url') !== token) return undefined
      const claims = decrypt(key, ciphertext, ENCRYPTION_PURPOSE)
      return claims === undefined ? undefined : (JSON.parse(claims) as Record<string, unknown>)
    },
  }
}
