/**
 * The sender constraint of a token: its holder must present the certificate, or prove possession of the key, that `cnf`
 * names. Without both it is a bearer token.
 */
export interface SenderConstraint {
  /** The SHA-256 of the certificate's DER in base64url: `x5t#S256` (RFC 8705 §3.1). */
  certificateThumbprint: string | undefined
  /** The thumbprint of the key: `jkt` (RFC 9449 §6, RFC 7638 §3 with SHA-256). */
  jwkThumbprint: string | undefined
}

/** No constraint: a bearer token (RFC 6750). */
export const unconstrained: SenderConstraint = { certificateThumbprint: undefined, jwkThumbprint: undefined }

/** Whether `text` is a SHA-256 hash in base64url. */
export function isThumbprint(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** The `cnf` of a token for `sender` (RFC 7800 §3.1), or undefined for a bearer token. */
export function toCnf({ certificateThumbprint, jwkThumbprint }: SenderConstraint): Record<string, string> | undefined {
  if (certificateThumbprint === undefined && jwkThumbprint === undefined) return undefined
  return {
    ...(certificateThumbprint !== undefined && { 'x5t#S256': certificateThumbprint }),
    ...(jwkThumbprint !== undefined && { jkt: jwkThumbprint }),
  }
}

/** Reads the constraint from the `cnf` claim of a token of this server. */
export function fromCnf(cnf: unknown): SenderConstraint {
  if (typeof cnf !== 'object' || cnf === null) return unconstrained
  const { 'x5t#S256': certificateThumbprint, jkt } = cnf as Readonly<Record<string, unknown>>
  return {
    certificateThumbprint: typeof certificateThumbprint === 'string' ? certificateThumbprint : undefined,
    jwkThumbprint: typeof jkt === 'string' ? jkt : undefined,
  }
}

/** The `token_type` of a token response (RFC 9449 §5, RFC 6750 §2.1). */
export function tokenTypeOf({ jwkThumbprint }: SenderConstraint): 'Bearer' | 'DPoP' {
  return jwkThumbprint === undefined ? 'Bearer' : 'DPoP'
}

/**
 * What `sender` has proven, one text for each confirmation: what is stored for a refresh token, and held against it.
 */
export function toBindings(constraint: SenderConstraint): string[] {
  return Object.entries(toCnf(constraint) ?? {}).map(([member, thumbprint]) => `${member}=${thumbprint}`)
}
