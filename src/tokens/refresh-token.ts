import { hmacSha256, sha256 } from '../lib/hash.ts'
import type { RefreshTokenProof } from '../model/grants/refresh-token-family.ts'

/*
 * rt_ base64url( family id, 16 bytes ‖ generation, 4 bytes ‖ proof, 32 bytes )
 *
 *   key   = HMAC-SHA256(server's secret, family id ‖ generation)
 *   proof = SHA-256(key ‖ family's seed)
 *
 * The seed is in the database and the secret is not, so neither alone makes a token. Both inputs of the outer hash are
 * of fixed length and unknown to whoever holds a token. The proof can be checked where the seed is, in one statement.
 */

const REFRESH_TOKEN_PREFIX = 'rt_'
const TOKEN_SIZE_BYTES = 52

/** Makes and reads refresh tokens under one secret of the server. */
export interface RefreshTokenCodec {
  /** The token of a generation of a family. */
  encode(familyId: string, generation: number, seed: Uint8Array): string
  /** What a token claims and how to prove it; undefined for anything that is not byte for byte in our form. */
  decode(token: string): RefreshTokenProof | undefined
}

export function createRefreshTokenCodec(secret: Uint8Array): RefreshTokenCodec {
  const deriveTokenKey = (header: Uint8Array) => hmacSha256(secret, 'refresh token', header)
  return {
    encode(familyId, generation, seed) {
      const header = Buffer.alloc(20)
      header.write(familyId.replaceAll('-', ''), 0, 16, 'hex')
      header.writeUInt32BE(generation, 16)
      return REFRESH_TOKEN_PREFIX + Buffer.concat([header, sha256(deriveTokenKey(header), seed)]).toString('base64url')
    },
    decode(token) {
      if (!token.startsWith(REFRESH_TOKEN_PREFIX)) return undefined
      const bytes = Buffer.from(token.slice(REFRESH_TOKEN_PREFIX.length), 'base64url')
      // Re-encoding refuses the spellings that a lenient decoder lets through.
      if (bytes.length !== TOKEN_SIZE_BYTES || REFRESH_TOKEN_PREFIX + bytes.toString('base64url') !== token)
        return undefined
      const generation = bytes.readUInt32BE(16)
      if (generation > 0x7fff_ffff) return undefined
      const hex = bytes.toString('hex', 0, 16)
      const familyId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
      const header = bytes.subarray(0, 20)
      return { familyId, generation, key: deriveTokenKey(header), proofHash: sha256(bytes.subarray(20)) }
    },
  }
}
