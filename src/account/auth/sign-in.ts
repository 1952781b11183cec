import { z } from 'zod'
import { signIn, type SignInOptions } from '../../authentication/sign-in.ts'
import { unauthorized } from '../../http/errors/problem.ts'
import { noSecurity } from '../../http/json-api/operation.ts'
import { clientDisconnectSignal } from '../../http/request/client-disconnect.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { displayName } from '../../model/users/user.ts'
import { authOperation } from './access.ts'

export interface SignInServices extends SignInOptions {
  cookies: Cookies
}

const credentialsSchema = z.strictObject({
  email: z.string().min(1, 'must not be empty').max(320, 'must have at most 320 characters'),
  password: z.string().min(1, 'must not be empty'),
  staySignedIn: z.boolean().optional().describe('Whether to stay signed in, where the organisation offers it.'),
})

const signInResponseSchema = z.object({
  message: z.string(),
  user: z.object({ id: z.string(), email: z.string(), name: z.string() }),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
})

export const signInOperation = (services: SignInServices) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/login',
    operationId: 'signIn',
    security: noSecurity,
    summary: 'Sign in with email and password',
    description: 'Sets the session cookie.',
    schema: { body: credentialsSchema, response: { 200: signInResponseSchema } },
    errorStatuses: [400, 401, 403],
    example: { email: 'admin@acme.test', password: 'YOUR-PASSWORD' },
    async handle({ request, reply }) {
      const { email, password, staySignedIn = false } = request.body
      const result = await signIn(
        {
          email,
          password,
          staySignedIn,
          network: request.clientAddress.network,
          origin: requestMetadata(request),
          previousCookie: services.cookies.session(request),
          deviceCookie: services.cookies.device(request),
          pendingRequest: undefined,
          signal: clientDisconnectSignal(reply),
        },
        services,
      )
      if (result.outcome === 'wrong_credentials') throw unauthorized('Incorrect email or password.')
      if (result.outcome === 'unavailable') {
        throw unauthorized(
          result.reason === 'organisation_closed'
            ? 'The organisation of this account is suspended or closed. Contact its administrator.'
            : 'This account is blocked. Contact your administrator.',
        )
      }
      const { user, organisation } = result.credentials
      services.cookies.setSession(reply, result.cookie, result.sessionLifetime)
      services.cookies.setDevice(reply, result.deviceCookie)
      return {
        message: 'Signed in.',
        user: { id: user.id, email: user.email, name: displayName(user) ?? '' },
        organisation: { id: organisation.id, slug: organisation.slug, name: organisation.name },
      }
    },
  })
