import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { BrowserSessions } from '../../authentication/sessions/browser-sessions.ts'
import { sessionSecurity } from '../../http/json-api/operation.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { authOperation } from './access.ts'

export interface SignOutServices {
  cookies: Cookies
  browserSessions: BrowserSessions
}

export const signOutOperation = (services: SignOutServices) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/logout',
    operationId: 'signOut',
    security: sessionSecurity,
    summary: 'Sign out',
    schema: { response: { 200: z.object({ message: z.string() }) } },
    errorStatuses: [403],
    async handle({ request, reply }) {
      await endBrowserSession(services, request, reply)
      return { message: 'Signed out.' }
    },
  })

/** Ends the session of the cookie, if it has one, and clears the cookie. */
export async function endBrowserSession(
  { cookies, browserSessions }: SignOutServices,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const context = await browserSessions.find(cookies.session(request))
  if (context) await browserSessions.end(context.session, requestMetadata(request))
  cookies.clearSession(reply)
}
