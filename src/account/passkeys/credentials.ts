// `account/passkeys` owns how passkeys enter the server: operations under `/v1/me/passkeys`, sign-in by JSON, and the page
// on which users manage them. What happens belongs to `authentication/passkeys`.

import { z } from 'zod'
import type { AssertionResponse, RegistrationResponse } from '../../authentication/factors/passkey/webauthn.ts'

const base64url = (maxLength: number) =>
  z
    .string({ error: 'must be a string' })
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
    .max(maxLength, `must have at most ${maxLength} characters`)

// A credential id has at most 1,023 bytes (WebAuthn §4).
const credentialId = base64url(1_364)
const envelope = { id: credentialId, rawId: credentialId, type: z.literal('public-key') }
const clientDataJSON = base64url(4_096)

/** `PublicKeyCredential.toJSON()` of a new passkey. Members that are not read are ignored. */
export const registrationSchema: z.ZodType<RegistrationResponse> = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON,
    attestationObject: base64url(16_384),
    transports: z.array(z.string().max(32, 'must have at most 32 characters')).max(10).optional(),
  }),
})

/** The same of a sign-in. */
export const assertionSchema: z.ZodType<AssertionResponse> = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON,
    authenticatorData: base64url(4_096),
    signature: base64url(8_192),
    userHandle: base64url(128).nullish(),
  }),
})

const exampleEnvelope = { id: 'CREDENTIAL-ID', rawId: 'CREDENTIAL-ID', type: 'public-key' } as const
export const registrationExample = {
  ...exampleEnvelope,
  response: {
    clientDataJSON: 'CLIENT-DATA',
    attestationObject: 'ATTESTATION-OBJECT',
    transports: ['internal'],
  },
} satisfies RegistrationResponse
export const assertionExample = {
  ...exampleEnvelope,
  response: {
    clientDataJSON: 'CLIENT-DATA',
    authenticatorData: 'AUTHENTICATOR-DATA',
    signature: 'SIGNATURE',
    userHandle: 'USER-HANDLE',
  },
} satisfies AssertionResponse

export const passkeyName = z
  .string({ error: 'must be a string' })
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must have at most 100 characters')

/** Reads the field of a form that a script has filled in. Undefined if it has another content. */
export function readCredential<Response>(schema: z.ZodType<Response>, field: string | undefined): Response | undefined {
  try {
    return schema.safeParse(JSON.parse(field ?? '')).data
  } catch {
    return undefined
  }
}
