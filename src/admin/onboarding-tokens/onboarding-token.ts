import { z } from 'zod'
import type { OnboardingToken } from '../../model/organisations/onboarding-token.ts'

export const ONBOARDING_TOKENS_PATH = '/v1/system/onboarding-tokens'

/** An onboarding token, without its value. */
export const onboardingTokenSchema = z.object({
  id: z.string(),
  email: z.string(),
  createdBy: z.string().nullable().describe('The user who created it; null: a client acting for itself.'),
  expiresAt: z.string().describe('ISO 8601.'),
  consumedAt: z.string().nullable(),
  organisationId: z.string().nullable().describe('The organisation that was created with it.'),
  createdAt: z.string(),
})

export function representOnboardingToken(token: OnboardingToken): z.output<typeof onboardingTokenSchema> {
  return {
    id: token.id,
    email: token.email,
    createdBy: token.createdBy ?? null,
    expiresAt: token.expiresAt.toISOString(),
    consumedAt: token.consumedAt?.toISOString() ?? null,
    organisationId: token.consumedByOrganisationId,
    createdAt: token.createdAt.toISOString(),
  }
}
