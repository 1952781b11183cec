import { createAuditEvent } from '../audit/catalogue.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import { Denied } from '../lib/domain-error.ts'
import { sha256 } from '../lib/crypto/hash.ts'
import type { AuditEvent, RequestMetadata } from '../model/audit/audit-event.ts'
import type { NewOrganisation } from '../model/organisations/bootstrap.ts'
import type { OnboardingTokenRepository } from '../model/organisations/onboarding-token.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
import type { MailedCode } from '../model/recovery/account-recovery.ts'
import { chooseLocale } from '../pages/messages/locale.ts'
import { toEmailKey } from '../model/users/user.ts'
import { storeOrganisation, type NewOwnerInput, type OrganisationCreation } from './create-organisation.ts'
import { OnboardingClosed } from './errors.ts'

/** Who may create an organisation: no one, the holders of onboarding tokens, or anyone. */
export const onboardingPolicies = ['off', 'invitation', 'open'] as const
export type OnboardingPolicy = (typeof onboardingPolicies)[number]

export interface Onboarding extends OrganisationCreation {
  organisations: OrganisationCreation['organisations'] & Pick<OrganisationRepository, 'findOperatorId'>
  onboardingTokens: Pick<OnboardingTokenRepository, 'isValid'>
  policy: OnboardingPolicy
  /** Undefined: the server sends no mail, and addresses are not confirmed. */
  confirmation: OwnerConfirmation | undefined
  record: (event: AuditEvent) => Promise<void>
}

/** How the owner of an organisation confirms their address, who signs up without a token. */
export interface OwnerConfirmation {
  /** Counts a mail to the address, before it is known whether it has an account. Throws `TooManyRequests`. */
  admit(email: string, organisationId: string): Promise<void>
  compose(signUp: { owner: NewOrganisation['owner']; organisation: { id: string }; language: string }): MailedCode
  /** Mails a notice to the user who has the address, with the event. False: no user who may sign in has it. */
  reportExistingAccount(email: string, acceptLanguage: string | undefined, event: AuditEvent): Promise<boolean>
  /** Sends what was queued. */
  flush(): void
}

export interface OnboardingRequest {
  organisationName: string
  metadata: Readonly<Record<string, unknown>> | undefined
  owner: NewOwnerInput & { password: string }
  token: string | undefined
  /** Of the mail. */
  acceptLanguage: string | undefined
  requestMetadata: RequestMetadata
}

/**
 * Creates an organisation for a person who is not signed in, as the policy of the server allows. `accepted`: with the policy
 * `open`, whether or not the e-mail address had an account, so that the response does not disclose it. Where the server sends
 * mail, a sign-in does not disclose it either: the password works when the address is confirmed. Throws
 * `OnboardingClosed`, `Denied` for a token that is not valid for the address, and `InvalidInput` for a weak password.
 */
export async function onboard(
  services: Onboarding,
  { organisationName, metadata, owner, token: sent, acceptLanguage, requestMetadata }: OnboardingRequest,
): Promise<NewOrganisation | 'accepted'> {
  const { policy, clock, organisations, onboardingTokens, confirmation } = services
  if (policy === 'off') throw new OnboardingClosed()
  const operatorId = await organisations.findOperatorId()
  const failure = (reason: string) =>
    createAuditEvent(clock, 'organisation.onboarding.failed', {
      organisationId: operatorId,
      requestMetadata,
      metadata: { reason, email: owner.email },
    })
  const token = sent === undefined ? undefined : { tokenHash: sha256(sent), emailKey: toEmailKey(owner.email) }
  // Before the password is hashed, which is expensive. Creating the organisation consumes it.
  const isTokenValid = token !== undefined && (await onboardingTokens.isValid(token, clock.now()))
  if (!isTokenValid && (policy === 'invitation' || token !== undefined)) {
    await services.record(failure('token_invalid'))
    throw invalidToken()
  }
  const members = { name: organisationName, metadata }
  const input = { members, slug: undefined, status: 'active' as const, owner }
  const mailed = token === undefined ? confirmation : undefined
  if (mailed && operatorId !== undefined) await mailed.admit(owner.email, operatorId)
  const language = chooseLocale(undefined, acceptLanguage)
  const options = {
    passwordPath: ['password'],
    token,
    emailVerified: token !== undefined,
    ...(mailed && {
      confirm: ({ organisation, owner: planned }: Omit<NewOrganisation, 'events'>) =>
        mailed.compose({ owner: planned, organisation, language }),
    }),
  }
  const stored = await storeOrganisation(services, input, options, ({ organisation, owner: { id: userId } }) => {
    const facts = {
      requestMetadata,
      resource: { type: 'organisation', id: organisation.id },
      metadata: { slug: organisation.slug, ownerId: userId, by: 'onboarding' },
      changes: fieldChanges(undefined, { slug: organisation.slug, name: organisationName, status: 'active' }),
    }
    return [
      createAuditEvent(clock, 'organisation.created', { organisationId: organisation.id, userId, ...facts }),
      createAuditEvent(clock, 'organisation.created', { organisationId: operatorId, ...facts }),
    ]
  })
  if (typeof stored === 'string') {
    const event = failure(stored)
    const isReported = await mailed?.reportExistingAccount(owner.email, acceptLanguage, event)
    if (isReported !== true) await services.record(event)
    mailed?.flush()
    if (token !== undefined) throw invalidToken()
    return 'accepted'
  }
  mailed?.flush()
  return token === undefined ? 'accepted' : stored
}

/** One message for every fault, so that it does not disclose which addresses have a token or an account. */
function invalidToken(): Denied {
  return new Denied('The onboarding token is not valid for this e-mail address, has expired, or was used.')
}
