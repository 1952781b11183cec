import type { AccessTokenKind } from '../keys/jws.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { AccessTokenReference, InspectedToken, ActiveToken } from '../model/grants/access-token.ts'
import { parseScope } from '../oauth/scope.ts'
import { fromCnf, type SenderConstraint } from '../oauth/sender-constraint.ts'
import { bearerError } from './bearer-error.ts'
import type { OpaqueTokenCodec } from './opaque-token.ts'

/** An access token that this issuer issued and that has not expired. It may still be revoked. */
export interface AccessToken extends AccessTokenReference {
  subject: string
  audience: string[]
  scopes: string[]
  /** The certificate and the key that it is bound to. */
  senderConstraint: SenderConstraint
  expiresAt: Date
  /** As issued, for introspection. */
  claims: Readonly<Record<string, unknown>>
}

export interface AccessTokenReadOptions {
  issuer: string
  clock: Clock
  verify: (token: string, kind: AccessTokenKind) => Promise<Record<string, unknown> | undefined>
  opaqueTokens: Pick<OpaqueTokenCodec, 'decode'>
}

/**
 * Reads an access token in any format, opaque or JWT (RFC 9068 §4) of either `typ`, whichever the client is configured for
 * now. Returns undefined for anything else, including an expired token.
 */
export async function readAccessToken(
  token: string,
  options: AccessTokenReadOptions,
): Promise<AccessToken | undefined> {
  const claims =
    options.opaqueTokens.decode(token) ??
    (await options.verify(token, 'at+jwt')) ??
    (await options.verify(token, 'access token as JWT'))
  if (!claims || claims['iss'] !== options.issuer) return undefined
  const { sub, aud, client_id: clientId, org_id: organisationId, grant_id: grantId, jti, iat, exp, scope, cnf } = claims
  const isWellFormed =
    typeof sub === 'string' &&
    typeof clientId === 'string' &&
    typeof organisationId === 'string' &&
    typeof jti === 'string' &&
    typeof iat === 'number' &&
    typeof exp === 'number' &&
    typeof scope === 'string' &&
    (grantId === undefined || typeof grantId === 'string')
  if (!isWellFormed || exp * 1000 <= options.clock.now().getTime()) return undefined
  return {
    jti,
    clientId,
    organisationId,
    grantId,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    subject: sub,
    audience: typeof aud === 'string' ? [aud] : [aud].flat().filter((item) => typeof item === 'string'),
    scopes: parseScope(scope) ?? [],
    senderConstraint: fromCnf(cnf),
    claims,
  }
}

/** An access token that is active, with its user, if any. */
export interface ActiveAccessToken<Subject> extends ActiveToken<Subject> {
  token: AccessToken
}

/** The token if it is active: not expired, and no part of its authorization is revoked. Makes one read, by `inspect`. */
export async function findActiveAccessToken<Subject>(
  token: string,
  inspect: (token: InspectedToken & Pick<AccessToken, 'audience'>) => Promise<ActiveToken<Subject> | undefined>,
  options: AccessTokenReadOptions,
): Promise<ActiveAccessToken<Subject> | undefined> {
  const accessToken = await readAccessToken(token, options)
  if (!accessToken) return undefined
  const { jti, clientId, organisationId, grantId, issuedAt, audience } = accessToken
  const now = options.clock.now()
  const status = await inspect({ jti, clientId, organisationId, grantId, issuedAt, audience, now })
  return status && { token: accessToken, subject: status.subject }
}

/** Throws `invalid_token` with the challenge of RFC 6750 §3 for an inactive token, whatever the cause. */
export function requireActiveToken<Subject>(
  activeToken: ActiveAccessToken<Subject> | undefined,
): ActiveAccessToken<Subject> {
  if (!activeToken)
    throw bearerError('invalid_token', 'The access token is expired, revoked, malformed or from another issuer.')
  return activeToken
}
