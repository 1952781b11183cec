// `admin/onboarding-tokens` owns the operations on onboarding tokens, for the operator's organisation.
// With such a token the holder of one e-mail address creates an organisation, once.
// Using a token belongs to `organisations` and `account/auth`.

import type { OnboardingTokenManagement } from '../../organisations/onboarding-tokens.ts'
import type { AdminResource } from '../operation.ts'
import { createOnboardingTokenOperation } from './create-onboarding-token.ts'
import { deleteOnboardingTokenOperation } from './delete-onboarding-token.ts'
import { listOnboardingTokensOperation } from './list-onboarding-tokens.ts'

/** `/v1/system/onboarding-tokens`: tokens for creating organisations by sign-up. */
export const onboardingTokenResource = (services: OnboardingTokenManagement): AdminResource => ({
  operations: [
    listOnboardingTokensOperation(services),
    createOnboardingTokenOperation(services),
    deleteOnboardingTokenOperation(services),
  ],
})
