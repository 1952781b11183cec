import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Cookies } from '../http/cookies.ts'
import { abandoned } from '../http/abandoned.ts'
import { isSameOrigin } from '../http/cross-site.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { forbidden, unauthorized } from '../http/problem-dialect.ts'
import { displayName } from '../model/user.ts'
import type { BrowserSessions } from './browser-session.ts'
import { signIn, type SignInOptions } from './sign-in.ts'

export interface AuthRoutesOptions extends SignInOptions {
  issuer: string
  cookies: Cookies
  browserSessions: BrowserSessions
}

const credentials = z.strictObject({
  email: z.string().min(1, 'must not be empty').max(320, 'must have at most 320 characters'),
  password: z.string().min(1, 'must not be empty'),
})

const signedIn = z.object({
  message: z.string(),
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
})

const message = z.object({ message: z.string() })

/** Signing in and out by JSON, for consoles and scripts. The session is the cookie, as after the sign-in page. */
export function authRoutes(scope: FastifyInstance, options: AuthRoutesOptions): void {
  const { issuer, cookies, browserSessions } = options
  const api = scope.withTypeProvider<ZodTypeProvider>()

  api.post(
    '/v1/auth/login',
    {
      onRequest: async (request) => refuseForeignSites(request, issuer),
      schema: {
        tags: ['Sign-in'],
        summary: 'Sign in with e-mail and password',
        description: 'Sets the session cookie.',
        body: credentials,
        response: { 200: signedIn },
      },
    },
    async (request, reply) => {
      const { email, password } = request.body
      const result = await signIn(
        {
          email,
          password,
          origin: originOf(request),
          previousCookie: cookies.session(request),
          waiting: undefined,
          abandoned: abandoned(reply),
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
    const state = await browserSessions.find(cookies.session(request))
    if (state) await browserSessions.end(state.session, originOf(request))
  }

  api.post(
    '/v1/auth/logout',
    {
      onRequest: async (request) => refuseForeignSites(request, issuer),
      schema: { tags: ['Sign-in'], summary: 'Sign out', response: { 200: message } },
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
      onRequest: async (request) => refuseForeignSites(request, issuer),
      schema: { tags: ['Sign-in'], summary: 'End the session', response: { 204: z.null().describe('Ended.') } },
    },
    async (request, reply) => {
      await signOut(request)
      cookies.clearSession(reply)
      return reply.status(204).send(null)
    },
  )

  refuseOtherMethods(scope, '/v1/auth/login', ['POST'])
  refuseOtherMethods(scope, '/v1/auth/logout', ['POST'])
  refuseOtherMethods(scope, '/v1/auth/session', ['DELETE'])
}

function refuseForeignSites(request: FastifyRequest, issuer: string): void {
  if (!isSameOrigin(request, issuer)) throw forbidden('Other sites may not send this request with the session cookie.')
}
