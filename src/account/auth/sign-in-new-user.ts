import type { FastifyReply, FastifyRequest } from 'fastify'
import { dueSecondFactor, startSession, type SignInOptions } from '../../authentication/sign-in.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'

export interface NewUserSignIn extends Pick<SignInOptions, 'clock' | 'users' | 'sessions' | 'knownDevices'> {
  cookies: Cookies
}

/**
 * Starts the session of a user who has just been created, with the password that they chose. Sets the cookies. Where the
 * organisation requires a second factor, no session starts: the user signs in and sets it up.
 */
export async function signInNewUser(
  services: NewUserSignIn,
  emailKey: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { users, cookies } = services
  const credentials = await users.findCredentials(emailKey)
  if (!credentials || dueSecondFactor(credentials) !== undefined) return
  const attempt = {
    origin: requestMetadata(request),
    previousCookie: cookies.session(request),
    deviceCookie: cookies.device(request),
    pendingRequest: undefined,
  }
  const { cookie, deviceCookie, sessionLifetime } = await startSession(credentials, attempt, services, ['password'])
  cookies.setSession(reply, cookie, sessionLifetime)
  cookies.setDevice(reply, deviceCookie)
}
