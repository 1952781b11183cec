import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { createOnboardingToken, type OnboardingTokenManagement } from '../../organisations/onboarding-tokens.ts'
import { adminOperation } from '../operation.ts'
import { SYSTEM_ORGANISATIONS_TAG } from '../system-organisations/system-organisation.ts'
import { emailAddress } from '../users/user-body.ts'
import { ONBOARDING_TOKENS_PATH, onboardingTokenSchema, representOnboardingToken } from './onboarding-token.ts'

const newOnboardingTokenSchema = z.strictObject(
  {
    email: emailAddress.describe('The only address with which it can be used.'),
    expiresIn: field.integer(60, 2_592_000).default(604_800).describe('Seconds.'),
  },
  { error: 'must be a JSON object with the member email' },
)

export const createOnboardingTokenOperation = (services: OnboardingTokenManagement) =>
  adminOperation({
    method: 'POST',
    path: ONBOARDING_TOKENS_PATH,
    operationId: 'createOnboardingToken',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:create',
    operatorOnly: true,
    summary: 'Create an onboarding token',
    description:
      'With it, the holder of the e-mail address creates an organisation by POST /v1/auth/onboard, once. The token is in this response only.',
    schema: {
      body: newOnboardingTokenSchema,
      response: { 201: onboardingTokenSchema.extend({ token: z.string() }) },
    },
    errors: [400, 409],
    example: { email: 'ada@research.example', expiresIn: 86_400 },
    async handle({ context, request, reply }) {
      const { token, plaintext } = await createOnboardingToken(services, context, request.body)
      return reply.status(201).send({ ...representOnboardingToken(token), token: plaintext })
    },
  })
