/**
 * Claims that a protocol defines or this server reads from its tokens. No other claim may have their names.
 * RFC 7519 §4.1, RFC 7662 §2.2, RFC 8693 §4, RFC 9068 §2.2, RFC 7800 §3.1, OpenID Connect Core §2, §3.3.2.11, §5.6.2.
 */
const reservedClaims: ReadonlySet<string> = new Set(
  [
    'iss sub aud exp nbf iat jti typ cnf act may_act status events txn',
    'client_id scope authorization_details token_type token_use active username',
    'auth_time acr amr azp nonce at_hash c_hash s_hash sid sub_jwk',
    '_claim_names _claim_sources grant_id org org_id',
  ].flatMap((names) => names.split(' ')),
)

/** The claim that stands for one that was left out of a token because of its size. Its value is true. */
export const overflowClaim = (name: string): string => `${name}_overflow`

export function isReservedClaim(name: string): boolean {
  return reservedClaims.has(name) || name.endsWith(overflowClaim(''))
}
