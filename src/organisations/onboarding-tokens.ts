import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import { fieldChanges } from '../audit/field-changes.ts'
import { addSeconds, type Clock } from '../lib/time/clock.ts'
import { NotFound } from '../lib/domain-error.ts'
import { sha256 } from '../lib/crypto/hash.ts'
import { randomToken, uuidv7 } from '../lib/crypto/random.ts'
import type { OnboardingToken, OnboardingTokenRepository } from '../model/organisations/onboarding-token.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import { toEmailKey } from '../model/users/user.ts'
import { OwnerEmailTaken } from './errors.ts'

export interface OnboardingTokenManagement {
  onboardingTokens: OnboardingTokenRepository
  clock: Clock
}

/** Creates a token. Its value is in the result and stored nowhere. Throws `OwnerEmailTaken`. */
export async function createOnboardingToken(
  { onboardingTokens, clock }: OnboardingTokenManagement,
  context: AdminContext,
  { email, expiresIn }: { email: string; expiresIn: number },
): Promise<{ token: OnboardingToken; plaintext: string }> {
  const now = clock.now()
  const plaintext = `onb_${randomToken()}`
  const token = {
    id: uuidv7(now),
    organisationId: context.organisationId,
    email,
    createdBy: context.userId,
    expiresAt: addSeconds(now, expiresIn),
    createdAt: now,
  }
  const event = createAdminAuditEvent(context, clock, 'onboarding.token_created', {
    resource: { type: 'onboarding_token', id: token.id },
    changes: fieldChanges(undefined, { email, expiresAt: token.expiresAt }),
  })
  const secret = { tokenHash: sha256(plaintext), emailKey: toEmailKey(email) }
  if ((await onboardingTokens.create(token, secret, event)) === 'email_taken') throw new OwnerEmailTaken()
  return { token: { ...token, consumedAt: null, consumedByOrganisationId: null }, plaintext }
}

/** Deletes a token, used or not. Throws `NotFound`. */
export async function deleteOnboardingToken(
  { onboardingTokens, clock }: OnboardingTokenManagement,
  context: AdminContext,
  id: string,
): Promise<void> {
  const event = createAdminAuditEvent(context, clock, 'onboarding.token_deleted', {
    resource: { type: 'onboarding_token', id },
  })
  const deleted = await onboardingTokens.delete({ id, organisationId: context.organisationId }, event)
  if (!deleted) throw new NotFound('There is no such onboarding token.')
}
