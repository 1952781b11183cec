import { hmacSha256, sha256 } from '../lib/crypto/hash.ts'
import type { RefreshTokenProof } from '../model/grants/refresh-token-family.ts'

/*
 * rt_ base64url( family id, 16 bytes ‖ generation, 4 bytes ‖ proof, 32 bytes )
 *
 *   key   = HMAC-SHA256(server secret, family id ‖ generation)
 *   proof = SHA-256(key ‖ seed of the family)
 *
 * The seed is in the database and the secret is not, so neither alone is enough to forge a token. Both inputs of the outer
 * hash have a fixed length and are unknown to a client. PostgreSQL can verify the proof in the statement that reads the seed.
 */

const REFRESH_TOKEN_PREFIX = 'rt_'
const TOKEN_SIZE_BYTES = 52

/** Encodes and decodes refresh tokens under one secret of the server. */
export interface RefreshTokenCodec {
  /** The token for a generation of a family. */
  encode(familyId: string, generation: number, seed: Uint8Array): string
  /** The family and generation that a token names, with its proof; undefined for any other text. */
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
      // A lenient decoder accepts several encodings of the same bytes. Only the canonical one is a token.
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
