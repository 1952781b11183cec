import type { FastifyRequest } from 'fastify'
import { hasMalformedToken, tokenCredentials, type TokenCredentials } from '../http/request/authorization-header.ts'
import { isSameOrigin } from '../http/security/csrf.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { ClientCache } from '../model/clients/client-cache.ts'
import type { AdminCaller } from '../model/permissions/permission.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import type { ServiceAccountRepository } from '../model/service-accounts/service-account.ts'
import type { UserRepository } from '../model/users/user.ts'
import type { ActiveAccessToken } from '../tokens/access-token.ts'
import type { SenderConstraints } from '../tokens/sender-constraint/sender-constraint.http.ts'
import { looksLikeApiKey } from '../users/api-keys/api-key-format.ts'
import { authenticateApiKey, type ApiKeyAuthentication } from '../users/api-keys/authenticate-api-key.ts'
import { authorizeCaller, type AdminCredential, type AdminToken, type RequiredPermission } from './authorize-caller.ts'

export interface AdminCallerOptions {
  issuer: string
  clock: Clock
  clients: Pick<ClientCache, 'find'>
  findProfile: UserRepository['findProfile']
  findServiceAccountPermissions: ServiceAccountRepository['findPermissions']
  sessionOf: (request: FastifyRequest) => Promise<ActiveSession | undefined>
  findActiveToken: (token: string) => Promise<ActiveAccessToken<{ userId: string }> | undefined>
  senderConstraints: Pick<SenderConstraints, 'verify'>
  apiKeys: ApiKeyAuthentication['apiKeys']
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Returns the caller of a request if it holds the permission: a user by their session or an API key, a service account by an
 * API key, or by an access token a user through a client, or a client for itself. Throws a 401 or 403 problem.
 */
export function createCallerAuthorization(
  options: AdminCallerOptions,
): (request: FastifyRequest, required: RequiredPermission) => Promise<AdminCaller> {
  const { issuer, clients, sessionOf, findActiveToken, senderConstraints } = options

  /** Throws `invalid_token` where the token is bound to another sender (RFC 8705, RFC 9449). */
  async function findToken(request: FastifyRequest, credentials: TokenCredentials): Promise<AdminToken | undefined> {
    const activeToken = await findActiveToken(credentials.token)
    const client = activeToken && (await clients.find(activeToken.token.clientId))
    if (!activeToken || !client) return undefined
    await senderConstraints.verify(request, credentials, activeToken.token, client)
    const { clientId, grantId, organisationId, audience, scopes } = activeToken.token
    const organisationSlug = client.organisation.slug
    return {
      userId: activeToken.subject?.userId,
      clientId,
      grantId,
      organisationId,
      organisationSlug,
      audience,
      scopes,
    }
  }

  async function findCredential(request: FastifyRequest): Promise<AdminCredential> {
    const credentials = tokenCredentials(request)
    if (credentials && looksLikeApiKey(credentials.token))
      return { kind: 'api_key', apiKey: await authenticateApiKey(options, credentials.token, request.clientAddress) }
    if (credentials) return { kind: 'token', token: await findToken(request, credentials) }
    // The session cookie beside it may be that of another caller.
    if (hasMalformedToken(request)) return { kind: 'token', token: undefined }
    const session = await sessionOf(request)
    return { kind: 'session', session: session && { ...session, organisationSlug: session.organisation.slug } }
  }

  return async (request, required) => {
    const header = request.headers['x-org-domain']
    const attempt = {
      credential: await findCredential(request),
      organisationHeader: Array.isArray(header) ? header.join(', ') : header,
      crossSite: !SAFE_METHODS.has(request.method) && !isSameOrigin(request, issuer),
    }
    return authorizeCaller(attempt, required, options)
  }
}
