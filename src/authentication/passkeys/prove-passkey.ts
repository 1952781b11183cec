// `authentication/passkeys` owns the passkeys of users: registering and removing them, and proving one at a sign-in.
// Reading what authenticators send belongs to `factors/passkey`; the pages and operations belong to `account`.

import { createAuditEvent } from '../../audit/catalogue.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import type { FoundPasskey, PasskeyRepository, PasskeyUse } from '../../model/passkeys/passkey.ts'
import type { UserReference } from '../../model/users/user-directory.ts'
import {
  CHALLENGE_LIFETIME_SECONDS,
  createChallenge,
  readChallenge,
  useChallenge,
  type ChallengeServices,
} from '../factors/passkey/challenges.ts'
import type { RelyingParty } from '../factors/passkey/relying-party.ts'
import { challengeOf, verifyAssertion, type AssertionResponse } from '../factors/passkey/webauthn.ts'

export interface PasskeyServices extends ChallengeServices {
  /** Undefined: browsers create no passkeys for the host of the issuer. */
  relyingParty: RelyingParty | undefined
  passkeys: PasskeyRepository
}

/** What `navigator.credentials.get` needs, as `PublicKeyCredentialRequestOptionsJSON`. */
export interface AssertionOptions {
  challenge: string
  /** Milliseconds. */
  timeout: number
  rpId: string
  /** Empty: any passkey of this server that the user has. */
  allowCredentials: { type: 'public-key'; id: string; transports: string[] }[]
  userVerification: 'required'
}

/** How the challenge of a sign-in is bound: to the browser that shows it. */
const purposeOf = (browserId: string) => `sign-in\n${browserId}`

/** The options of a sign-in in this browser. Undefined where no passkeys are possible. */
export function createAssertionOptions(
  services: Pick<PasskeyServices, 'clock' | 'challengeKey' | 'relyingParty'>,
  browserId: string,
): AssertionOptions | undefined {
  const { relyingParty } = services
  return (
    relyingParty && {
      challenge: createChallenge(services, purposeOf(browserId)),
      timeout: CHALLENGE_LIFETIME_SECONDS * 1000,
      rpId: relyingParty.id,
      allowCredentials: [],
      userVerification: 'required',
    }
  )
}

/**
 * The same for a user who is known already, limited to their passkeys, or to those that are bound to a device. Undefined if
 * they have none.
 */
export async function createAssertionOptionsFor(
  services: PasskeyServices,
  browserId: string,
  user: UserReference,
  { deviceBoundOnly }: { deviceBoundOnly: boolean },
): Promise<AssertionOptions | undefined> {
  const all = await services.passkeys.list(user)
  const passkeys = deviceBoundOnly ? all.filter(({ backupEligible }) => !backupEligible) : all
  const options = createAssertionOptions(services, browserId)
  return options && passkeys.length > 0 ? { ...options, allowCredentials: describe(passkeys) } : undefined
}

/** Passkeys as options name them. */
export function describe(passkeys: readonly { credentialId: Uint8Array; transports: string[] }[]) {
  return passkeys.map(({ credentialId, transports }) => ({
    type: 'public-key' as const,
    id: Buffer.from(credentialId).toString('base64url'),
    transports,
  }))
}

/** The user id that authenticators store with a passkey: the bytes of the UUID (WebAuthn §5.4.3). */
export function userHandleOf(userId: string): string {
  return Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')
}

/** `expired`: the challenge is too old, or was made for another browser. */
export type PasskeyProof =
  | { outcome: 'proven'; passkey: FoundPasskey; use: PasskeyUse }
  | { outcome: 'expired' }
  | { outcome: 'rejected'; reason: 'unknown_passkey' | 'wrong_passkey' | 'replayed_passkey'; passkey?: FoundPasskey }

/**
 * Verifies the assertion of a passkey in this browser and uses up its challenge (WebAuthn §7.2). The passkey counts as used
 * when `use` is stored.
 */
export async function provePasskey(
  services: PasskeyServices,
  assertion: AssertionResponse,
  { browserId, requestMetadata }: { browserId: string; requestMetadata: RequestMetadata },
): Promise<PasskeyProof> {
  const { clock, relyingParty, passkeys } = services
  const known = readChallenge(services, purposeOf(browserId), challengeOf(assertion) ?? '')
  if (!relyingParty || !known) return { outcome: 'expired' }
  const passkey = await passkeys.findByCredentialId(Buffer.from(assertion.id, 'base64url'))
  if (!passkey) return { outcome: 'rejected', reason: 'unknown_passkey' }
  const { userHandle } = assertion.response
  const isOfUser = userHandle === undefined || userHandle === null || userHandle === userHandleOf(passkey.userId)
  const verified = isOfUser && (await verifyAssertion(relyingParty, known.challenge, assertion, passkey))
  if (!verified) return { outcome: 'rejected', reason: 'wrong_passkey', passkey }
  const { id, userId, organisationId } = passkey
  if (!(await useChallenge(services, known, organisationId))) {
    return { outcome: 'rejected', reason: 'replayed_passkey', passkey }
  }
  const cloneDetected = createAuditEvent(clock, 'passkey.clone_detected', {
    organisationId,
    userId,
    requestMetadata,
    resource: { type: 'passkey', id },
    metadata: { name: passkey.name, storedCount: passkey.signCount, receivedCount: verified.signCount },
  })
  const use = { id, userId, organisationId, ...verified, usedAt: cloneDetected.occurredAt, cloneDetected }
  return { outcome: 'proven', passkey, use }
}
