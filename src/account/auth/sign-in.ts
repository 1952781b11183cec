import { z } from 'zod'
import { signIn, type SignInOptions, type SignInResult } from '../../authentication/sign-in.ts'
import { Problem, unauthorized } from '../../http/errors/problem.ts'
import { noSecurity } from '../../http/json-api/operation.ts'
import { clientDisconnectSignal } from '../../http/request/client-disconnect.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { displayName } from '../../model/users/user.ts'
import { authOperation } from './access.ts'

export interface SignInServices extends SignInOptions {
  issuer: string
  cookies: Cookies
}

const credentialsSchema = z.strictObject({
  email: z.string().min(1, 'must not be empty').max(320, 'must have at most 320 characters'),
  password: z.string().min(1, 'must not be empty'),
  mfaToken: z
    .string()
    .max(64, 'must have at most 64 characters')
    .optional()
    .describe('A code of the authenticator app or a recovery code, for users with a second factor.'),
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
    description:
      'Sets the session cookie. A user with a second factor also sends mfaToken: without it, or if it is wrong, the 401 problem has requiresMfa: true. A user who must set one up first gets requiresEnrollment: true and the enrollmentUrl of the sign-in page, which leads through it.',
    schema: { body: credentialsSchema, response: { 200: signInResponseSchema } },
    errorStatuses: [400, 401, 403],
    example: { email: 'admin@acme.test', password: 'YOUR-PASSWORD' },
    async handle({ request, reply }) {
      const { email, password, mfaToken, staySignedIn = false } = request.body
      const result = await signIn(
        {
          email,
          password,
          staySignedIn,
          secondFactorCode: mfaToken,
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
      if (result.outcome === 'second_factor_due') throw secondFactorProblem(result, services.issuer)
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

function secondFactorProblem(
  { due, codeRejected }: Extract<SignInResult, { outcome: 'second_factor_due' }>,
  issuer: string,
): Problem {
  if (due === 'enrol') {
    const enrollmentUrl = `${issuer}/auth/login`
    const detail = `Your organisation requires a second factor. Sign in at ${enrollmentUrl} to set it up.`
    return new Problem(401, 'unauthorized', detail, { extensions: { requiresEnrollment: true, enrollmentUrl } })
  }
  const detail = codeRejected
    ? 'The code in mfaToken is not correct, or was used before.'
    : 'Send a code of your authenticator app or a recovery code as mfaToken.'
  return new Problem(401, 'unauthorized', detail, { extensions: { requiresMfa: true } })
}
