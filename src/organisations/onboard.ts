import { createAuditEvent } from '../audit/catalogue.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import { Denied } from '../lib/domain-error.ts'
import { sha256 } from '../lib/crypto/hash.ts'
import type { AuditEvent, RequestMetadata } from '../model/audit/audit-event.ts'
import type { NewOrganisation } from '../model/organisations/bootstrap.ts'
import type { OnboardingTokenRepository } from '../model/organisations/onboarding-token.ts'
import type { OrganisationRepository } from '../model/organisations/organisation-repository.ts'
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
  record: (event: AuditEvent) => Promise<void>
}

export interface OnboardingRequest {
  organisationName: string
  metadata: Readonly<Record<string, unknown>> | undefined
  owner: NewOwnerInput & { password: string }
  token: string | undefined
  requestMetadata: RequestMetadata
}

/**
 * Creates an organisation for a person who is not signed in, as the policy of the server allows. `accepted`: with the policy
 * `open`, whether or not the e-mail address had an account, so that the response does not disclose it. Throws
 * `OnboardingClosed`, `Denied` for a token that is not valid for the address, and `InvalidInput` for a weak password.
 */
export async function onboard(
  services: Onboarding,
  { organisationName, metadata, owner, token: sent, requestMetadata }: OnboardingRequest,
): Promise<NewOrganisation | 'accepted'> {
  const { policy, clock, organisations, onboardingTokens } = services
  if (policy === 'off') throw new OnboardingClosed()
  const operatorId = await organisations.findOperatorId()
  const refuse = async (reason: string) =>
    services.record(
      createAuditEvent(clock, 'organisation.onboarding.failed', {
        organisationId: operatorId,
        requestMetadata,
        metadata: { reason, email: owner.email },
      }),
    )
  const token = sent === undefined ? undefined : { tokenHash: sha256(sent), emailKey: toEmailKey(owner.email) }
  // Before the password is hashed, which is expensive. Creating the organisation consumes it.
  const isTokenValid = token !== undefined && (await onboardingTokens.isValid(token, clock.now()))
  if (!isTokenValid && (policy === 'invitation' || token !== undefined)) {
    await refuse('token_invalid')
    throw invalidToken()
  }
  const members = { name: organisationName, metadata }
  const input = { members, slug: undefined, status: 'active' as const, owner }
  const options = { passwordPath: ['password'], token }
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
    await refuse(stored)
    if (token !== undefined) throw invalidToken()
    return 'accepted'
  }
  return token === undefined ? 'accepted' : stored
}

/** One message for every fault, so that it does not disclose which addresses have a token or an account. */
function invalidToken(): Denied {
  return new Denied('The onboarding token is not valid for this e-mail address, has expired, or was used.')
}
