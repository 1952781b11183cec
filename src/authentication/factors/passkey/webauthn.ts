// `authentication/factors/passkey` reads what authenticators send (WebAuthn Level 3 §7.1, §7.2): registrations and assertions.
// Storing passkeys and signing in with them belongs to `authentication/passkeys`.

import type * as Library from '@simplewebauthn/server'
import type { Passkey } from '../../../model/passkeys/passkey.ts'
import type { RelyingParty } from './relying-party.ts'

/** What a browser returns for a new passkey: `PublicKeyCredential.toJSON()`. */
export interface RegistrationResponse {
  id: string
  rawId: string
  type: 'public-key'
  response: { clientDataJSON: string; attestationObject: string; transports?: string[] | undefined }
}

/** What a browser returns for a sign-in. */
export interface AssertionResponse {
  id: string
  rawId: string
  type: 'public-key'
  response: {
    clientDataJSON: string
    authenticatorData: string
    signature: string
    userHandle?: string | null | undefined
  }
}

export type RegisteredKey = Pick<
  Passkey,
  'credentialId' | 'publicKey' | 'signCount' | 'transports' | 'backupEligible' | 'backedUp' | 'aaguid'
>

/** The signature algorithms that are accepted (RFC 9053, RFC 8812): EdDSA, ES256, RS256. */
export const algorithms: readonly number[] = [-8, -7, -257]

let loaded: Promise<typeof Library> | undefined
// On first use: the library costs about 25 MB, which a server without passkeys does not need.
const library = () => (loaded ??= import('@simplewebauthn/server'))

/** The challenge that a response answers; undefined if it states none. */
export function challengeOf({ response }: { response: { clientDataJSON: string } }): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString())
    const challenge = typeof data === 'object' && data !== null && 'challenge' in data ? data.challenge : undefined
    return typeof challenge === 'string' ? challenge : undefined
  } catch {
    return undefined
  }
}

/** Verifies a registration (WebAuthn §7.1). Undefined if it is not valid, or the user was not verified. */
export async function verifyRegistration(
  relyingParty: RelyingParty,
  challenge: string,
  registration: RegistrationResponse,
): Promise<RegisteredKey | undefined> {
  const { verifyRegistrationResponse } = await library()
  const options = {
    response: { ...registration, clientExtensionResults: {} } as unknown as Library.RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: relyingParty.origin,
    expectedRPID: relyingParty.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: [...algorithms],
  }
  const { registrationInfo } = (await valid(() => verifyRegistrationResponse(options))) ?? {}
  if (!registrationInfo) return undefined
  const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: credential.publicKey,
    signCount: credential.counter,
    transports: registration.response.transports ?? [],
    backupEligible: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
    aaguid,
  }
}

/**
 * Verifies an assertion of this passkey (WebAuthn §7.2), except its counter, which the write that accepts it checks.
 * Undefined if it is not valid, or the user was not verified.
 */
export async function verifyAssertion(
  relyingParty: RelyingParty,
  challenge: string,
  assertion: AssertionResponse,
  passkey: Pick<Passkey, 'publicKey' | 'backupEligible'>,
): Promise<{ signCount: number; backedUp: boolean } | undefined> {
  const { verifyAuthenticationResponse } = await library()
  const options = {
    response: { ...assertion, clientExtensionResults: {} } as unknown as Library.AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: relyingParty.origin,
    expectedRPID: relyingParty.id,
    requireUserVerification: true,
    credential: { id: assertion.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
  }
  const { verified, authenticationInfo } = (await valid(() => verifyAuthenticationResponse(options))) ?? {}
  if (!verified || !authenticationInfo) return undefined
  // The eligibility of a passkey never changes (§6.1.3).
  if ((authenticationInfo.credentialDeviceType === 'multiDevice') !== passkey.backupEligible) return undefined
  return { signCount: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp }
}

/** The library throws errors of no class of its own for everything that is wrong with a response. */
async function valid<Result>(verify: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
