import { readForeignJwt } from './foreign-jwt.ts'
import type { Claims } from './jws.ts'
import type { Signer } from './signer.ts'

export interface IdTokenHintOptions {
  issuer: string
  /** The claims of an ID token that a key of this server signed, even if it has expired. */
  verify: (token: string, kind: 'JWT') => Promise<Claims | undefined>
  hasKey: Signer['hasKey']
}

/** An ID token of this server. Its dates are not checked. */
export interface VerifiedHint {
  audience: string
  subject: string
  sessionId: string | undefined
}

/**
 * Reads an `id_token_hint` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2): `unverifiable` if it looks like an ID
 * token of this server, but its key is no longer stored; `invalid` for anything else that this server did not issue.
 */
export async function readIdTokenHint(
  hint: string,
  { issuer, verify, hasKey }: IdTokenHintOptions,
): Promise<VerifiedHint | 'unverifiable' | 'invalid'> {
  const claims = await verify(hint, 'JWT')
  if (claims) return toHint(claims, issuer) ?? 'invalid'
  const read = readForeignJwt(hint, { types: ['jwt'], isRequired: true })
  if ('flaw' in read || !toHint(read.claims, issuer)) return 'invalid'
  const { kid, alg } = read.header
  return typeof kid === 'string' && alg !== 'none' && !hasKey(kid) ? 'unverifiable' : 'invalid'
}

function toHint({ iss, aud, sub, sid }: Claims, issuer: string): VerifiedHint | undefined {
  if (iss !== issuer || typeof aud !== 'string' || typeof sub !== 'string') return undefined
  return { audience: aud, subject: sub, sessionId: typeof sid === 'string' ? sid : undefined }
}
