/** The algorithms whose keys this server has from its first start. */
export const standardSigningAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

/** The algorithms whose keys this server creates when it signs with them for the first time (`keys/signer.ts`). */
export const onDemandSigningAlgorithms = ['Ed25519', 'ES384', 'ES512', 'PS384', 'PS512', 'RS384', 'RS512'] as const

/**
 * The algorithms of signatures that this server makes, and those of clients that it verifies (RFC 7518 §3.1; RFC 9864 §2.2
 * for Ed25519, which is EdDSA with that curve).
 */
export const signingAlgorithms = [...standardSigningAlgorithms, ...onDemandSigningAlgorithms] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** With which a client may sign its assertions under its secret (RFC 7518 §3.2); a secret has 43 octets. */
export const macAlgorithms = ['HS256'] as const
export type MacAlgorithm = (typeof macAlgorithms)[number]

/** How the key of an encrypted message reaches its reader (RFC 7518 §4.3, §4.6). */
export const keyManagementAlgorithms = ['RSA-OAEP-256', 'ECDH-ES'] as const
export type KeyManagementAlgorithm = (typeof keyManagementAlgorithms)[number]

/** How the message itself is encrypted (RFC 7518 §5). */
export const contentEncryptions = ['A128CBC-HS256', 'A256CBC-HS512', 'A128GCM', 'A256GCM'] as const
export type ContentEncryption = (typeof contentEncryptions)[number]
/** The content encryption where only `alg` is registered (OpenID Connect Registration §2). */
export const defaultContentEncryption = 'A128CBC-HS256' satisfies ContentEncryption

/** How responses to a client are encrypted. */
export interface ResponseEncryption {
  alg: KeyManagementAlgorithm
  enc: ContentEncryption
}
