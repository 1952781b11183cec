import type { OnboardingTokenManagement } from '../../organisations/onboarding-tokens.ts'
import { adminOperation } from '../operation.ts'
import { envelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../paging.ts'
import { SYSTEM_ORGANISATIONS_TAG } from '../system-organisations/system-organisation.ts'
import { ONBOARDING_TOKENS_PATH, onboardingTokenSchema, representOnboardingToken } from './onboarding-token.ts'

export const listOnboardingTokensOperation = ({ onboardingTokens }: OnboardingTokenManagement) =>
  adminOperation({
    method: 'GET',
    path: ONBOARDING_TOKENS_PATH,
    operationId: 'listOnboardingTokens',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:read',
    operatorOnly: true,
    summary: 'List the onboarding tokens',
    description: 'Without their values, the newest first. A token is deleted a day after its expiry.',
    schema: { querystring: pageQuerySchema, response: { 200: envelopeSchema(onboardingTokenSchema) } },
    errors: [400],
    async handle({ context, request: { query } }) {
      const page = readPage(query)
      const { tokens, total } = await onboardingTokens.list(context.organisationId, page)
      return listEnvelope(tokens.map(representOnboardingToken), total, page)
    },
  })
