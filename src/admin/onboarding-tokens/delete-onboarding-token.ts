import { z } from 'zod'
import { deleteOnboardingToken, type OnboardingTokenManagement } from '../../organisations/onboarding-tokens.ts'
import { adminOperation } from '../operation.ts'
import { SYSTEM_ORGANISATIONS_TAG } from '../system-organisations/system-organisation.ts'
import { ONBOARDING_TOKENS_PATH } from './onboarding-token.ts'

export const deleteOnboardingTokenOperation = (services: OnboardingTokenManagement) =>
  adminOperation({
    method: 'DELETE',
    path: `${ONBOARDING_TOKENS_PATH}/:id`,
    operationId: 'deleteOnboardingToken',
    tag: SYSTEM_ORGANISATIONS_TAG,
    permission: 'system_organisations:create',
    operatorOnly: true,
    summary: 'Delete an onboarding token',
    description: 'It cannot be used any more. An organisation that was created with it stays.',
    schema: {
      params: z.object({ id: z.uuid({ error: 'must be the id of an onboarding token' }) }),
      response: { 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await deleteOnboardingToken(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })
