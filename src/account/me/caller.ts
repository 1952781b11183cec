import type { FastifyRequest } from 'fastify'
import { hasMalformedToken, tokenCredentials } from '../../http/request/authorization-header.ts'
import { unauthorized, type Problem } from '../../http/errors/problem.ts'
import type { ClientCache } from '../../model/clients/client-cache.ts'
import type { ActiveSession } from '../../model/sessions/session.ts'
import type { ActiveAccessToken } from '../../tokens/access-token.ts'
import type { SenderConstraints } from '../../tokens/sender-constraint/sender-constraint.http.ts'

/** The user who makes a request, by the session cookie or by an access token. */
export interface AccountCaller {
  userId: string
  organisationId: string
  /** The session of the cookie; undefined for an access token. */
  sessionId?: string
  /** When the user signed in to that session. */
  authTime?: Date
  /** The second factors of the user of that session. */
  mfaMethods?: readonly string[]
  via: 'session' | 'bearer'
  /** Whether the client of the access token is first-party; true for a cookie. */
  firstParty: boolean
  /** The scopes of the access token; undefined for a cookie. */
  scopes?: readonly string[]
  /** The web origins whose scripts may read the response: those of the client. Empty for a cookie. */
  allowedOrigins: readonly string[]
}

export interface AccountCallerOptions {
  issuer: string
  clients: Pick<ClientCache, 'find'>
  sessionOf: (request: FastifyRequest) => Promise<ActiveSession | undefined>
  findActiveToken: (token: string) => Promise<ActiveAccessToken<{ userId: string }> | undefined>
  senderConstraints: Pick<SenderConstraints, 'verify'>
}

/** Returns the caller of `/v1/me`: the user of the access token, or else of the session. Throws a 401 problem. */
export function createAccountCallerResolver({
  issuer,
  clients,
  sessionOf,
  findActiveToken,
  senderConstraints,
}: AccountCallerOptions) {
  return async (request: FastifyRequest): Promise<AccountCaller> => {
    const credentials = tokenCredentials(request)
    // The session cookie beside a malformed token may be that of another user.
    if (hasMalformedToken(request)) throw invalidToken()
    if (!credentials) {
      const session = await sessionOf(request)
      if (!session) throw unauthorized('Sign in first, or send an access token as a bearer token.', 'Bearer')
      const { mfaMethods } = session.user
      return { ...session, sessionId: session.id, mfaMethods, via: 'session', firstParty: true, allowedOrigins: [] }
    }
    const activeToken = await findActiveToken(credentials.token)
    const hasRequiredScopes = ['profile', 'email'].every((scope) => activeToken?.token.scopes.includes(scope))
    if (!activeToken?.subject || !activeToken.token.audience.includes(issuer) || !hasRequiredScopes) {
      throw invalidToken()
    }
    const client = await clients.find(activeToken.token.clientId)
    await senderConstraints.verify(request, credentials, activeToken.token, client)
    return {
      userId: activeToken.subject.userId,
      organisationId: activeToken.token.organisationId,
      via: 'bearer',
      firstParty: client?.isFirstParty ?? false,
      scopes: activeToken.token.scopes,
      allowedOrigins: client?.allowedOrigins ?? [],
    }
  }
}

function invalidToken(): Problem {
  return unauthorized(
    'The access token is malformed, expired, revoked, not for this API, or without the scopes profile and email.',
    'Bearer realm="cerberus", error="invalid_token"',
  )
}
