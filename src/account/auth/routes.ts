// `account/auth` owns the routes under `/v1/auth`: sign-in and sign-out with a JSON body.
// A sign-in answers with the session cookie and the user's profile.
// Checking the password belongs to `authentication`; the sign-in page belongs to `account/pages`.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Cookies } from '../../http/request/cookies.ts'
import { clientDisconnectSignal } from '../../http/request/client-disconnect.ts'
import { isSameOrigin } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { forbidden, unauthorized } from '../../http/errors/problem.ts'
import { displayName } from '../../model/users/user.ts'
import type { BrowserSessions } from '../../authentication/sessions/browser-sessions.ts'
import { signIn, type SignInOptions } from '../../authentication/sign-in.ts'

export interface AuthRoutesOptions extends SignInOptions {
  issuer: string
  cookies: Cookies
  browserSessions: BrowserSessions
}

const credentialsSchema = z.strictObject({
  email: z.string().min(1, 'must not be empty').max(320, 'must have at most 320 characters'),
  password: z.string().min(1, 'must not be empty'),
})

const signInResponseSchema = z.object({
  message: z.string(),
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
})

const messageSchema = z.object({ message: z.string() })

/** Signing in and out by JSON, for consoles and scripts. The session is the cookie, as after the sign-in page. */
export function authRoutes(scope: FastifyInstance, options: AuthRoutesOptions): void {
  const { issuer, cookies, browserSessions } = options
  const api = scope.withTypeProvider<ZodTypeProvider>()

  api.post(
    '/v1/auth/login',
    {
      onRequest: async (request) => rejectCrossSite(request, issuer),
      schema: {
        tags: ['Sign-in'],
        summary: 'Sign in with e-mail and password',
        description: 'Sets the session cookie.',
        body: credentialsSchema,
        response: { 200: signInResponseSchema },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body
      const result = await signIn(
        {
          email,
          password,
          origin: requestMetadata(request),
          previousCookie: cookies.session(request),
          pendingRequest: undefined,
          signal: clientDisconnectSignal(reply),
        },
        options,
      )
      if (result.outcome === 'wrong_credentials') throw unauthorized('The e-mail address or the password is wrong.')
      if (result.outcome === 'unavailable') throw unauthorized('This account is blocked. Ask your administrator.')
      const { user, organisation } = result.credentials
      cookies.setSession(reply, result.cookie, organisation.sessionLifetime)
      return {
        message: 'Signed in.',
        user: { id: user.id, email: user.email, name: displayName(user) ?? '' },
        organisation: { id: organisation.id, slug: organisation.slug, name: organisation.name },
      }
    },
  )

  async function signOut(request: FastifyRequest): Promise<void> {
    const sessionContext = await browserSessions.find(cookies.session(request))
    if (sessionContext) await browserSessions.end(sessionContext.session, requestMetadata(request))
  }

  api.post(
    '/v1/auth/logout',
    {
      onRequest: async (request) => rejectCrossSite(request, issuer),
      schema: { tags: ['Sign-in'], summary: 'Sign out', response: { 200: messageSchema } },
    },
    async (request, reply) => {
      await signOut(request)
      cookies.clearSession(reply)
      return { message: 'Signed out.' }
    },
  )

  api.delete(
    '/v1/auth/session',
    {
      onRequest: async (request) => rejectCrossSite(request, issuer),
      schema: { tags: ['Sign-in'], summary: 'End the session', response: { 204: z.null().describe('Ended.') } },
    },
    async (request, reply) => {
      await signOut(request)
      cookies.clearSession(reply)
      return reply.status(204).send(null)
    },
  )

  rejectOtherMethods(scope, '/v1/auth/login', ['POST'])
  rejectOtherMethods(scope, '/v1/auth/logout', ['POST'])
  rejectOtherMethods(scope, '/v1/auth/session', ['DELETE'])
}

function rejectCrossSite(request: FastifyRequest, issuer: string): void {
  if (!isSameOrigin(request, issuer)) throw forbidden('Other sites may not send this request with the session cookie.')
}
