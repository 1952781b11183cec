import type { FastifyRequest } from 'fastify'
import { createRequestAuthorizer } from './request-administrator.ts'
import type { AdminToken } from './authorize-administrator.ts'
import { isPermission } from '../permissions/catalogue.ts'
import type { ClientCache } from '../model/clients/client.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import type { UserRepository } from '../model/users/user.ts'
import type { ActiveAccessToken } from '../tokens/access-token.ts'
import type { SenderConstraints } from '../tokens/sender-constraint/sender-constraint.http.ts'

export interface AdminCallerOptions {
  issuer: string
  clients: Pick<ClientCache, 'find'>
  findProfile: UserRepository['findProfile']
  sessionOf: (request: FastifyRequest) => Promise<ActiveSession | undefined>
  findActiveToken: (token: string) => Promise<ActiveAccessToken<{ userId: string }> | undefined>
  senderConstraints: Pick<SenderConstraints, 'verify'>
}

/** Who calls `/v1/admin`: somebody by their session, or by an access token a person through a client, or a client. */
export function createAdminCallerResolver({
  clients,
  sessionOf,
  findActiveToken,
  senderConstraints,
  ...options
}: AdminCallerOptions) {
  return createRequestAuthorizer({
    ...options,
    isPermission,
    async sessionOf(request) {
      const session = await sessionOf(request)
      return session && { ...session, organisationSlug: session.organisation.slug }
    },
    async findToken(request, credentials): Promise<AdminToken | undefined> {
      const activeToken = await findActiveToken(credentials.token)
      const client = activeToken && (await clients.find(activeToken.token.clientId))
      if (!activeToken || !client) return undefined
      await senderConstraints.verify(request, credentials, activeToken.token, client)
      const { clientId, organisationId, audience, scopes } = activeToken.token
      const organisationSlug = client.organisation.slug
      return { userId: activeToken.subject?.userId, clientId, organisationId, organisationSlug, audience, scopes }
    },
  })
}
