import { z } from 'zod'
import { createAssertionOptions } from '../../authentication/passkeys/prove-passkey.ts'
import { signInWithPasskey, type PasskeySignInServices } from '../../authentication/passkeys/sign-in-with-passkey.ts'
import { conflict, unauthorized } from '../../http/errors/problem.ts'
import { noSecurity, type Operation } from '../../http/json-api/operation.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { authOperation } from '../auth/access.ts'
import { acceptSignIn, signInResponseSchema, unavailableProblem } from '../auth/sign-in.ts'
import { assertionExample, assertionSchema } from './credentials.ts'

export type PasskeySignInOperationServices = PasskeySignInServices & { cookies: Cookies }

const PASSKEY_PATH = '/v1/auth/passkey'

const passkeySignInOptionsOperation = (services: PasskeySignInOperationServices) =>
  authOperation({
    method: 'POST',
    path: `${PASSKEY_PATH}/options`,
    operationId: 'createPasskeySignInOptions',
    security: noSecurity,
    summary: 'Start signing in with a passkey',
    description:
      'Returns the options for navigator.credentials.get() in this browser, which the response gives a cookie. They are valid for half an hour, and once.',
    schema: {
      response: {
        200: z
          .object({
            challenge: z.string(),
            timeout: z.int(),
            rpId: z.string(),
            allowCredentials: z
              .array(z.object({ type: z.literal('public-key'), id: z.string(), transports: z.array(z.string()) }))
              .describe('Empty: the user chooses among their passkeys.'),
            userVerification: z.literal('required'),
          })
          .describe('For PublicKeyCredential.parseRequestOptionsFromJSON().'),
      },
    },
    errorStatuses: [403, 409],
    async handle({ request, reply }) {
      const options = createAssertionOptions(services, services.cookies.ensureBrowserId(request, reply))
      if (!options) throw conflict('Passkeys need a server whose address is a host name, not an IP address.')
      return options
    },
  })

const passkeySignInOperation = (services: PasskeySignInOperationServices) =>
  authOperation({
    method: 'POST',
    path: PASSKEY_PATH,
    operationId: 'signInWithPasskey',
    security: noSecurity,
    summary: 'Sign in with a passkey',
    description:
      'Takes what the browser returned for the options. Sets the session cookie. No second factor is needed.',
    schema: {
      body: z.strictObject(
        {
          credential: assertionSchema.describe('PublicKeyCredential.toJSON() of the sign-in.'),
          staySignedIn: z.boolean().optional().describe('Whether to stay signed in, where the organisation offers it.'),
        },
        { error: 'must be a JSON object with the member credential' },
      ),
      response: { 200: signInResponseSchema },
    },
    errorStatuses: [400, 401, 403],
    example: { credential: assertionExample },
    async handle({ request, reply }) {
      const { credential, staySignedIn = false } = request.body
      const { cookies } = services
      const attempt = {
        assertion: credential,
        browserId: cookies.browserId(request) ?? '',
        staySignedIn,
        network: request.clientAddress.network,
        origin: requestMetadata(request),
        previousCookie: cookies.session(request),
        deviceCookie: cookies.device(request),
        pendingRequest: undefined,
      }
      const result = await signInWithPasskey(attempt, services)
      if (result.outcome === 'expired') {
        throw unauthorized(
          'The credential answers no challenge of this browser, or it took too long. Ask for options again.',
        )
      }
      if (result.outcome === 'wrong_credentials') throw unauthorized('This passkey is not accepted.')
      if (result.outcome === 'unavailable') throw unavailableProblem(result.reason)
      return acceptSignIn(services, result, reply)
    },
  })

/** `/v1/auth/passkey`. */
export const passkeySignInOperations = (services: PasskeySignInOperationServices): Operation<undefined>[] => [
  passkeySignInOptionsOperation(services),
  passkeySignInOperation(services),
]
