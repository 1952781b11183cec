import type { Clock } from '../lib/clock.ts'
import type { AccessTokenReference, InspectedToken, ActiveToken } from '../model/grants/access-token.ts'
import { parseScope } from '../oauth/scope.ts'
import { fromCnf, type SenderConstraint } from '../oauth/sender-constraint.ts'
import type { OpaqueTokenCodec } from './opaque-token.ts'

/** An access token of ours, read: it is genuine, of this issuer and in time. Whether it still works is not said yet. */
export interface AccessToken extends AccessTokenReference {
  subject: string
  audience: string[]
  scopes: string[]
  /** Who alone may use it. */
  senderConstraint: SenderConstraint
  expiresAt: Date
  /** As issued, for introspection. */
  claims: Readonly<Record<string, unknown>>
}

export interface AccessTokenReadOptions {
  issuer: string
  clock: Clock
  verify: (token: string, kind: 'at+jwt') => Promise<Record<string, unknown> | undefined>
  opaqueTokens: Pick<OpaqueTokenCodec, 'decode'>
}

/**
 * Reads an access token, opaque or a JWT (RFC 9068 §4), whatever its client gets now; undefined for anything else, an
 * expired one included.
 */
export async function readAccessToken(
  token: string,
  options: AccessTokenReadOptions,
): Promise<AccessToken | undefined> {
  const claims = options.opaqueTokens.decode(token) ?? (await options.verify(token, 'at+jwt'))
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

/** An access token that works now, and the person it is about, if any. */
export interface ActiveAccessToken<Subject> extends ActiveToken<Subject> {
  token: AccessToken
}

/** The token if it works at this moment: neither expired nor ended at any level. One read, by `inspect`. */
export async function findActiveAccessToken<Subject>(
  token: string,
  inspect: (token: InspectedToken) => Promise<ActiveToken<Subject> | undefined>,
  options: AccessTokenReadOptions,
): Promise<ActiveAccessToken<Subject> | undefined> {
  const accessToken = await readAccessToken(token, options)
  if (!accessToken) return undefined
  const { jti, clientId, organisationId, grantId, issuedAt } = accessToken
  const status = await inspect({ jti, clientId, organisationId, grantId, issuedAt, now: options.clock.now() })
  return status && { token: accessToken, subject: status.subject }
}
