/** The hash of a secret of 256 bits, and when it expires; null: not until it is rotated. */
export interface ClientSecret {
  id: string
  secretHash: Uint8Array
  /** The secret itself, sealed. Only stored if its client signs with it, because a hash cannot verify a MAC. */
  sealedSecret: Uint8Array | null
  expiresAt: Date | null
}

/** A secret as administrators see it, without the secret itself. */
export interface ClientSecretInfo {
  id: string
  label: string | null
  expiresAt: Date | null
  createdAt: Date
  /** The beginning of the hour; null: no use is known. */
  lastUsedAt: Date | null
}

/** The maximum number of valid secrets of a client. */
export const MAX_CLIENT_SECRETS = 5
