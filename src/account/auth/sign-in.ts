import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import {
  signIn,
  type SignInOptions,
  type SignInResult,
  type UnavailabilityReason,
} from '../../authentication/sign-in.ts'
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

/** The user who has signed in. */
export const signInResponseSchema = z.object({
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
      if (result.outcome === 'unavailable') throw unavailableProblem(result.reason)
      if (result.outcome === 'second_factor_due') throw secondFactorProblem(result, services.issuer)
      return acceptSignIn(services, result, reply)
    },
  })

/** Sets the cookies of a sign-in and describes its user. */
export function acceptSignIn(
  { cookies }: Pick<SignInServices, 'cookies'>,
  { cookie, sessionLifetime, deviceCookie, credentials }: Extract<SignInResult, { outcome: 'signed_in' }>,
  reply: FastifyReply,
): z.output<typeof signInResponseSchema> {
  const { user, organisation } = credentials
  cookies.setSession(reply, cookie, sessionLifetime)
  cookies.setDevice(reply, deviceCookie)
  return {
    message: 'Signed in.',
    user: { id: user.id, email: user.email, name: displayName(user) ?? '' },
    organisation: { id: organisation.id, slug: organisation.slug, name: organisation.name },
  }
}

export function unavailableProblem(reason: UnavailabilityReason): Problem {
  return unauthorized(
    reason === 'organisation_closed'
      ? 'The organisation of this account is suspended or closed. Contact its administrator.'
      : 'This account is blocked. Contact your administrator.',
  )
}

function secondFactorProblem(
  { due, codeRejected, credentials }: Extract<SignInResult, { outcome: 'second_factor_due' }>,
  issuer: string,
): Problem {
  if (due === 'enrol') {
    const enrollmentUrl = `${issuer}/auth/login`
    const detail = `Your organisation requires a second factor. Sign in at ${enrollmentUrl} to set it up.`
    return new Problem(401, 'unauthorized', detail, { extensions: { requiresEnrollment: true, enrollmentUrl } })
  }
  if (!credentials.mfaMethods.includes('totp')) {
    const byPasskey = 'Your organisation requires a second factor. Sign in with your passkey, by POST /v1/auth/passkey.'
    return new Problem(401, 'unauthorized', byPasskey, { extensions: { requiresMfa: true } })
  }
  const detail = codeRejected
    ? 'The code in mfaToken is not correct, or was used before.'
    : 'Send a code of your authenticator app or a recovery code as mfaToken.'
  return new Problem(401, 'unauthorized', detail, { extensions: { requiresMfa: true } })
}
