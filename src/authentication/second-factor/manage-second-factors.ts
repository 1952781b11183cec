import { createAuditEvent } from '../../audit/catalogue.ts'
import { InvalidInput } from '../../lib/domain-error.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation-repository.ts'
import type { UserProfile } from '../../model/users/user.ts'
import { createRecoveryCodes, hashRecoveryCode } from '../factors/recovery-code/recovery-codes.ts'
import { createSealedTotpSecret, describeTotpEnrolment, proveNewTotp, type TotpEnrolment } from './enrol-totp.ts'
import { composeSecondFactorNotice, type RecoveryServices } from '../recovery/mailed-links.ts'
import { proveSecondFactor, type SecondFactorServices } from './prove-second-factor.ts'

export interface SecondFactorManagement extends SecondFactorServices, RecoveryServices {
  organisations: Pick<OrganisationRepository, 'find'>
}

/** A user who changes their own second factors. */
export interface FactorOwner {
  user: UserProfile['user']
  organisation: UserProfile['organisation']
  requestMetadata: RequestMetadata
}

const wrongCode = () =>
  new InvalidInput([{ path: ['token'], code: 'custom', message: 'is not correct, or was used before' }])
const invalidState = (message: string) => new InvalidInput([{ path: [], code: 'custom', message }])
const NOT_SET_UP = 'No second factor is set up.'

/** Starts setting up an authenticator app. Throws `InvalidInput` if the user has one. */
export async function startTotpEnrolment(
  services: SecondFactorServices,
  { user, organisation }: FactorOwner,
): Promise<TotpEnrolment> {
  const sealed = createSealedTotpSecret(services, user.id)
  if (!(await services.secondFactors.startTotp(user, sealed, services.clock.now()))) {
    throw invalidState('A second factor is set up already. Disable it first.')
  }
  return describeTotpEnrolment(services, user, sealed, organisation.name)
}

/** Confirms the app by its first code. Returns the recovery codes. Throws `InvalidInput` and `TooManyRequests`. */
export async function confirmTotpEnrolment(
  services: SecondFactorManagement,
  owner: FactorOwner,
  code: string,
): Promise<string[]> {
  const { unconfirmedTotp, totp } = await services.secondFactors.find(owner.user)
  if (totp) throw invalidState('A second factor is set up already. Disable it first.')
  if (!unconfirmedTotp) throw invalidState('No setup was started.')
  const event = factorEvent(services, owner, 'mfa.enabled', { method: 'totp' })
  const codes = await proveNewTotp(services, owner.user, unconfirmedTotp.secret, code, (factor) =>
    services.secondFactors.confirmTotp(owner.user, factor, event, noticeOf(services, owner, true)),
  )
  if (!codes) throw wrongCode()
  services.mailer.flush()
  return codes
}

/** Removes all second factors of the user, against a code. Throws `InvalidInput` and `TooManyRequests`. */
export async function disableSecondFactors(
  services: SecondFactorManagement,
  owner: FactorOwner,
  code: string,
): Promise<void> {
  const { user } = owner
  const home = await services.organisations.find(user.organisationId)
  if (home?.requireMfa) throw invalidState('The organisation requires a second factor.')
  await requireFactor(services, owner)
  const event = factorEvent(services, owner, 'mfa.disabled')
  const isProven = await proveSecondFactor(services, user, code, (proof) =>
    services.secondFactors.remove(user, proof, event, noticeOf(services, owner, false)),
  )
  if (!isProven) throw wrongCode()
  services.mailer.flush()
}

/** Replaces the recovery codes, against a code. Throws `InvalidInput` and `TooManyRequests`. */
export async function replaceRecoveryCodes(
  services: SecondFactorServices,
  owner: FactorOwner,
  code: string,
): Promise<string[]> {
  const { user } = owner
  await requireFactor(services, owner)
  const codes = createRecoveryCodes()
  const hashes = codes.map((each) => hashRecoveryCode(services.recoveryCodeKey, user.id, each))
  const event = factorEvent(services, owner, 'mfa.recovery_codes_replaced')
  const isProven = await proveSecondFactor(services, user, code, (proof) =>
    services.secondFactors.replaceRecoveryCodes(user, proof, hashes, event),
  )
  if (!isProven) throw wrongCode()
  return codes
}

function noticeOf(services: SecondFactorManagement, { user, organisation }: FactorOwner, added: boolean) {
  return composeSecondFactorNotice(services, { ...user, organisation: organisation.name }, added)
}

async function requireFactor({ secondFactors }: SecondFactorServices, { user }: FactorOwner): Promise<void> {
  if ((await secondFactors.find(user)).totp === undefined) throw invalidState(NOT_SET_UP)
}

function factorEvent(
  { clock }: SecondFactorServices,
  { user, requestMetadata }: FactorOwner,
  type: 'mfa.enabled' | 'mfa.disabled' | 'mfa.recovery_codes_replaced',
  metadata: Readonly<Record<string, unknown>> = {},
) {
  return createAuditEvent(clock, type, {
    organisationId: user.organisationId,
    userId: user.id,
    requestMetadata,
    resource: { type: 'user', id: user.id },
    metadata,
  })
}
