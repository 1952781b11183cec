import { decrypt, encrypt } from '../lib/encryption.ts'

/*
 * cat_ base64url( the claims as JSON, sealed under a key of the server )
 *
 * No row is written, and nobody else can tell anything from it but its length. See docs/decisions/0012.
 */

const OPAQUE_TOKEN_PREFIX = 'cat_'
const ENCRYPTION_PURPOSE = 'access token'
/** No form that is accepted carries more. */
const MAX_TOKEN_LENGTH = 32_768

/** Makes and reads opaque access tokens under one key of the server. */
export interface OpaqueTokenCodec {
  encode(claims: Readonly<Record<string, unknown>>): string
  /** The claims that were encoded; undefined for anything that is not byte for byte a token of ours. */
  decode(token: string): Readonly<Record<string, unknown>> | undefined
}

export function createOpaqueTokenCodec(key: Uint8Array): OpaqueTokenCodec {
  return {
    encode: (claims) =>
      OPAQUE_TOKEN_PREFIX + encrypt(key, JSON.stringify(claims), ENCRYPTION_PURPOSE).toString('base64url'),
    decode(token) {
      if (!token.startsWith(OPAQUE_TOKEN_PREFIX) || token.length > MAX_TOKEN_LENGTH) return undefined
      const ciphertext = Buffer.from(token.slice(OPAQUE_TOKEN_PREFIX.length), 'base64url')
      // Re-encoding refuses the spellings that a lenient decoder lets through.
      if (OPAQUE_TOKEN_PREFIX + ciphertext.toString('base64url') !== token) return undefined
      const claims = decrypt(key, ciphertext, ENCRYPTION_PURPOSE)
      return claims === undefined ? undefined : (JSON.parse(claims) as Record<string, unknown>)
    },
  }
}
