import type { FastifyRequest } from 'fastify'
import type { Caller } from './accounts/me-routes.ts'
import { tokenCredentials } from './http/bearer.ts'
import { unauthorized } from './http/problem-dialect.ts'
import type { ClientDirectory } from './model/client.ts'
import type { LiveSession } from './model/session.ts'
import type { LiveAccessToken } from './tokens/access-token.ts'
import type { RequestSenders } from './tokens/sender-routes.ts'

export interface MeCallerOptions {
  issuer: string
  clients: Pick<ClientDirectory, 'find'>
  sessionOf: (request: FastifyRequest) => Promise<LiveSession | undefined>
  findLive: (token: string) => Promise<LiveAccessToken<{ userId: string }> | undefined>
  senders: Pick<RequestSenders, 'confirm'>
}

/** Who calls `/v1/me`: the person whose access token it is, or whose session. Throws a 401 problem for neither. */
export function createMeCaller({ issuer, clients, sessionOf, findLive, senders }: MeCallerOptions) {
  return async (request: FastifyRequest): Promise<Caller> => {
    const credentials = tokenCredentials(request)
    if (!credentials) {
      const session = await sessionOf(request)
      if (!session) throw unauthorized('Sign in first, or send an access token as a bearer token.', 'Bearer')
      return { ...session, sessionId: session.id, via: 'session', firstParty: true, allowedOrigins: [] }
    }
    const live = await findLive(credentials.token)
    const enough = ['profile', 'email'].every((scope) => live?.token.scopes.includes(scope))
    if (!live?.person || !live.token.audience.includes(issuer) || !enough) {
      throw unauthorized(
        'The access token is expired, revoked, not for this API, or without the scopes profile and email.',
        'Bearer realm="cerberus", error="invalid_token"',
      )
    }
    const client = await clients.find(live.token.clientId)
    await senders.confirm(request, credentials, live.token, client)
    return {
      userId: live.person.userId,
      organisationId: live.token.organisationId,
      via: 'bearer',
      firstParty: client?.isFirstParty ?? false,
      scopes: live.token.scopes,
      allowedOrigins: client?.allowedOrigins ?? [],
    }
  }
}
