import { openMessage, sealMessage } from '../lib/secret.ts'

/*
 * cat_ base64url( the claims as JSON, sealed under a key of the server )
 *
 * No row is written, and nobody else can tell anything from it but its length. See docs/decisions/0012.
 */

const PREFIX = 'cat_'
const PURPOSE = 'access token'
/** No form that is accepted carries more. */
const LONGEST = 32_768

/** Makes and reads opaque access tokens under one key of the server. */
export interface OpaqueTokenCodec {
  encode(claims: Readonly<Record<string, unknown>>): string
  /** The claims that were encoded; undefined for anything that is not byte for byte a token of ours. */
  decode(token: string): Readonly<Record<string, unknown>> | undefined
}

export function createOpaqueTokenCodec(key: Uint8Array): OpaqueTokenCodec {
  return {
    encode: (claims) => PREFIX + sealMessage(key, JSON.stringify(claims), PURPOSE).toString('base64url'),
    decode(token) {
      if (!token.startsWith(PREFIX) || token.length > LONGEST) return undefined
      const sealed = Buffer.from(token.slice(PREFIX.length), 'base64url')
      // Re-encoding refuses the spellings that a lenient decoder lets through.
      if (PREFIX + sealed.toString('base64url') !== token) return undefined
      const claims = openMessage(key, sealed, PURPOSE)
      return claims === undefined ? undefined : (JSON.parse(claims) as Record<string, unknown>)
    },
  }
}
