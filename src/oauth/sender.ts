/**
 * Who alone may use a token: whoever shows the certificate that its `cnf` names by the SHA-256 of its DER (RFC 8705
 * §3.1). Without one it is for whoever bears it.
 */
export interface Sender {
  certificate: string | undefined
}

/** Nobody in particular: RFC 6750. */
export const anyBearer: Sender = { certificate: undefined }

/** The `cnf` of a token for `sender` (RFC 7800 §3.1), or undefined where it is for any bearer. */
export function confirmationOf({ certificate }: Sender): Record<string, string> | undefined {
  return certificate === undefined ? undefined : { 'x5t#S256': certificate }
}

/** Whom the `cnf` of a token of ours names. */
export function readConfirmation(cnf: unknown): Sender {
  if (typeof cnf !== 'object' || cnf === null) return anyBearer
  const { 'x5t#S256': certificate } = cnf as Readonly<Record<string, unknown>>
  return { certificate: typeof certificate === 'string' ? certificate : undefined }
}

/** What `sender` has proven, one text for each confirmation: what is stored for a refresh token, and held against it. */
export function proofsOf(sender: Sender): string[] {
  return Object.entries(confirmationOf(sender) ?? {}).map(([member, thumbprint]) => `${member}=${thumbprint}`)
}
