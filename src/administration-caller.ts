import type { FastifyRequest } from 'fastify'
import { createRequestAdministrators } from './directory/administrator-routes.ts'
import type { PresentedToken } from './directory/administrator.ts'
import { isPermission } from './directory/rights.ts'
import type { ClientDirectory } from './model/client.ts'
import type { LiveSession } from './model/session.ts'
import type { UserRepository } from './model/user.ts'
import type { LiveAccessToken } from './tokens/access-token.ts'
import type { RequestSenders } from './tokens/sender-routes.ts'

export interface AdministrationCallerOptions {
  issuer: string
  clients: Pick<ClientDirectory, 'find'>
  findProfile: UserRepository['findProfile']
  sessionOf: (request: FastifyRequest) => Promise<LiveSession | undefined>
  findLive: (token: string) => Promise<LiveAccessToken<{ userId: string }> | undefined>
  senders: Pick<RequestSenders, 'confirm'>
}

/** Who calls `/v1/admin`: somebody by their session, or by an access token a person through a client, or a client. */
export function createAdministrationCaller({
  clients,
  sessionOf,
  findLive,
  senders,
  ...options
}: AdministrationCallerOptions) {
  return createRequestAdministrators({
    ...options,
    isPermission,
    async sessionOf(request) {
      const session = await sessionOf(request)
      return session && { ...session, organisationSlug: session.organisation.slug }
    },
    async findToken(request, credentials): Promise<PresentedToken | undefined> {
      const live = await findLive(credentials.token)
      const client = live && (await clients.find(live.token.clientId))
      if (!live || !client) return undefined
      await senders.confirm(request, credentials, live.token, client)
      const { clientId, organisationId, audience, scopes } = live.token
      const organisationSlug = client.organisation.slug
      return { userId: live.person?.userId, clientId, organisationId, organisationSlug, audience, scopes }
    },
  })
}
