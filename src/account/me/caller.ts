import type { FastifyRequest } from 'fastify'
import type { AccountCaller } from './routes.ts'
import { tokenCredentials } from '../../http/request/authorization-header.ts'
import { unauthorized } from '../../http/errors/problem.ts'
import type { ClientCache } from '../../model/clients/client.ts'
import type { ActiveSession } from '../../model/sessions/session.ts'
import type { ActiveAccessToken } from '../../tokens/access-token.ts'
import type { SenderConstraints } from '../../tokens/sender-constraint/sender-constraint.http.ts'

export interface AccountCallerOptions {
  issuer: string
  clients: Pick<ClientCache, 'find'>
  sessionOf: (request: FastifyRequest) => Promise<ActiveSession | undefined>
  findActiveToken: (token: string) => Promise<ActiveAccessToken<{ userId: string }> | undefined>
  senderConstraints: Pick<SenderConstraints, 'verify'>
}

/** Who calls `/v1/me`: the person whose access token it is, or whose session. Throws a 401 problem for neither. */
export function createAccountCallerResolver({
  issuer,
  clients,
  sessionOf,
  findActiveToken,
  senderConstraints,
}: AccountCallerOptions) {
  return async (request: FastifyRequest): Promise<AccountCaller> => {
    const credentials = tokenCredentials(request)
    if (!credentials) {
      const session = await sessionOf(request)
      if (!session) throw unauthorized('Sign in first, or send an access token as a bearer token.', 'Bearer')
      return { ...session, sessionId: session.id, via: 'session', firstParty: true, allowedOrigins: [] }
    }
    const activeToken = await findActiveToken(credentials.token)
    const hasRequiredScopes = ['profile', 'email'].every((scope) => activeToken?.token.scopes.includes(scope))
    if (!activeToken?.subject || !activeToken.token.audience.includes(issuer) || !hasRequiredScopes) {
      throw unauthorized(
        'The access token is expired, revoked, not for this API, or without the scopes profile and email.',
        'Bearer realm="cerberus", error="invalid_token"',
      )
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
