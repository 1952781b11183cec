import { createAuditEvent } from '../../audit/catalogue.ts'
import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { MAX_PASSKEYS, type Passkey } from '../../model/passkeys/passkey.ts'
import { displayName, type UserProfile } from '../../model/users/user.ts'
import {
  CHALLENGE_LIFETIME_SECONDS,
  createChallenge,
  readChallenge,
  useChallenge,
} from '../factors/passkey/challenges.ts'
import { providerOf } from '../factors/passkey/providers.ts'
import { algorithms, challengeOf, verifyRegistration, type RegistrationResponse } from '../factors/passkey/webauthn.ts'
import { composePasskeyNotice, type RecoveryServices } from '../recovery/mailed-links.ts'
import { describe, userHandleOf, type PasskeyServices } from './prove-passkey.ts'

export type PasskeyManagement = PasskeyServices & RecoveryServices

/** A user who changes their own passkeys, in this session. */
export interface PasskeyOwner {
  user: UserProfile['user']
  organisation: UserProfile['organisation']
  sessionId: string
  requestMetadata: RequestMetadata
}

/** The user has as many passkeys as a user can have. */
export class TooManyPasskeys extends Conflict {
  override readonly name = 'TooManyPasskeys'
}

/** The name of a passkey whose provider is not known. */
const UNKNOWN_PROVIDER = 'Passkey'

const purposeOf = (sessionId: string) => `registration\n${sessionId}`
const wrongCredential = (message: string) => new InvalidInput([{ path: ['credential'], code: 'custom', message }])

/**
 * What `navigator.credentials.create` needs, as `PublicKeyCredentialCreationOptionsJSON` (WebAuthn §5.4). Throws `Conflict`
 * where no passkeys are possible.
 */
export async function createRegistrationOptions(
  services: PasskeyManagement,
  { user, organisation, sessionId }: PasskeyOwner,
) {
  const { relyingParty, passkeys } = services
  if (!relyingParty) throw new Conflict('Passkeys need a server whose address is a host name, not an IP address.')
  return {
    rp: { id: relyingParty.id, name: organisation.name },
    user: { id: userHandleOf(user.id), name: user.email, displayName: displayName(user) ?? user.email },
    challenge: createChallenge(services, purposeOf(sessionId)),
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key' as const, alg })),
    timeout: CHALLENGE_LIFETIME_SECONDS * 1000,
    excludeCredentials: describe(await passkeys.list(user)),
    authenticatorSelection: {
      residentKey: 'required' as const,
      requireResidentKey: true,
      userVerification: 'required' as const,
    },
    attestation: 'none' as const,
  }
}

/** Stores a new passkey. `name`: that of its provider by default. Throws `InvalidInput`, `Conflict` and `TooManyPasskeys`. */
export async function registerPasskey(
  services: PasskeyManagement,
  owner: PasskeyOwner,
  registration: RegistrationResponse,
  name: string | undefined,
): Promise<Passkey> {
  const { clock, relyingParty, passkeys, mailer } = services
  const { user, sessionId } = owner
  const known = readChallenge(services, purposeOf(sessionId), challengeOf(registration) ?? '')
  if (!relyingParty || !known) throw wrongCredential('answers no challenge of this session, or it took too long')
  const key = await verifyRegistration(relyingParty, known.challenge, registration)
  if (!key) throw wrongCredential('is not a valid registration')
  if (!(await useChallenge(services, known, user.organisationId))) throw wrongCredential('was sent before')

  const createdAt = clock.now()
  const passkey: Passkey = {
    ...key,
    id: uuidv7(createdAt),
    userId: user.id,
    organisationId: user.organisationId,
    name: name ?? providerOf(key.aaguid) ?? UNKNOWN_PROVIDER,
    createdAt,
    lastUsedAt: null,
  }
  const event = passkeyEvent(services, owner, 'passkey.added', passkey)
  const outcome = await passkeys.add(passkey, { event, notice: noticeOf(services, owner, passkey, true) })
  if (outcome === 'taken') throw new Conflict('This passkey is registered already.')
  if (outcome === 'too_many') throw new TooManyPasskeys(`You have ${MAX_PASSKEYS} passkeys. Remove one first.`)
  if (outcome === 'unavailable') throw new Conflict('Your account is blocked.')
  mailer.flush()
  return passkey
}

/** Gives a passkey another name. Throws `NotFound`. */
export async function renamePasskey(
  services: PasskeyManagement,
  owner: PasskeyOwner,
  id: string,
  name: string,
): Promise<Passkey> {
  const passkey = await findPasskey(services, owner, id)
  const event = passkeyEvent(services, owner, 'passkey.renamed', { id, name })
  if (!(await services.passkeys.rename(passkey, name, event))) throw noPasskey()
  return { ...passkey, name }
}

/** Removes a passkey. Throws `NotFound`, and `Conflict` for the last way in. */
export async function removePasskey(services: PasskeyManagement, owner: PasskeyOwner, id: string): Promise<void> {
  const passkey = await findPasskey(services, owner, id)
  const event = passkeyEvent(services, owner, 'passkey.removed', passkey)
  const change = { event, notice: noticeOf(services, owner, passkey, false) }
  const outcome = await services.passkeys.remove(passkey, change, false)
  if (outcome === 'not_found') throw noPasskey()
  if (outcome === 'last_way_in') {
    throw new Conflict(
      'You have no password, and this is your last passkey. Add another one, or set a password, first.',
    )
  }
  services.mailer.flush()
}

const noPasskey = () => new NotFound('You have no such passkey.')

async function findPasskey({ passkeys }: PasskeyManagement, { user }: PasskeyOwner, id: string): Promise<Passkey> {
  const passkey = (await passkeys.list(user)).find((each) => each.id === id)
  if (!passkey) throw noPasskey()
  return passkey
}

function noticeOf(
  services: PasskeyManagement,
  { user, organisation }: PasskeyOwner,
  { name }: Pick<Passkey, 'name'>,
  added: boolean,
) {
  return composePasskeyNotice(services, { ...user, organisation: organisation.name }, { added, name })
}

function passkeyEvent(
  { clock }: PasskeyManagement,
  { user, requestMetadata }: PasskeyOwner,
  type: 'passkey.added' | 'passkey.renamed' | 'passkey.removed',
  { id, name }: Pick<Passkey, 'id' | 'name'>,
) {
  return createAuditEvent(clock, type, {
    organisationId: user.organisationId,
    userId: user.id,
    requestMetadata,
    resource: { type: 'passkey', id },
    metadata: { name },
  })
}
