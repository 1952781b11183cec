/**
 * Who alone may use a token: whoever shows the certificate, and whoever proves to hold the key, that its `cnf` names. With
 * neither it is for whoever bears it.
 */
export interface Sender {
  /** The SHA-256 of the certificate's DER in base64url: `x5t#S256` (RFC 8705 §3.1). */
  certificate: string | undefined
  /** The thumbprint of the key: `jkt` (RFC 9449 §6, RFC 7638 §3 with SHA-256). */
  key: string | undefined
}

/** Nobody in particular: RFC 6750. */
export const anyBearer: Sender = { certificate: undefined, key: undefined }

/** A SHA-256 in base64url, as thumbprints are. */
export function isThumbprint(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text)
}

/** The `cnf` of a token for `sender` (RFC 7800 §3.1), or undefined where it is for any bearer. */
export function confirmationOf({ certificate, key }: Sender): Record<string, string> | undefined {
  if (certificate === undefined && key === undefined) return undefined
  return {
    ...(certificate !== undefined && { 'x5t#S256': certificate }),
    ...(key !== undefined && { jkt: key }),
  }
}

/** Whom the `cnf` of a token of ours names. */
export function readConfirmation(cnf: unknown): Sender {
  if (typeof cnf !== 'object' || cnf === null) return anyBearer
  const { 'x5t#S256': certificate, jkt } = cnf as Readonly<Record<string, unknown>>
  return {
    certificate: typeof certificate === 'string' ? certificate : undefined,
    key: typeof jkt === 'string' ? jkt : undefined,
  }
}

/** How an access token for `sender` is sent (RFC 9449 §5, RFC 6750 §2.1): the `token_type` of token answers. */
export function tokenTypeOf({ key }: Sender): 'Bearer' | 'DPoP' {
  return key === undefined ? 'Bearer' : 'DPoP'
}

/** What `sender` has proven, one text for each confirmation: what is stored for a refresh token, and held against it. */
export function proofsOf(sender: Sender): string[] {
  return Object.entries(confirmationOf(sender) ?? {}).map(([member, thumbprint]) => `${member}=${thumbprint}`)
}
