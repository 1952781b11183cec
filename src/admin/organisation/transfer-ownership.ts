import { z } from 'zod'
import { transferOwnership, type OwnershipTransfer } from '../../users/transfer-ownership.ts'
import { adminOperation } from '../operation.ts'
import { ORGANISATION_PATH, ORGANISATION_TAG } from './organisation.ts'

const transferSchema = z.strictObject(
  {
    userId: z.uuid({ error: 'must be the id of a user' }).describe('The new owner.'),
    confirm: z.string({ error: 'must be a string' }).describe('The slug of the organisation.'),
  },
  { error: 'must be a JSON object with the members userId and confirm' },
)

export const transferOwnershipOperation = (services: OwnershipTransfer) =>
  adminOperation({
    method: 'POST',
    path: `${ORGANISATION_PATH}/transfer-ownership`,
    operationId: 'transferOwnership',
    tag: ORGANISATION_TAG,
    permission: 'organisation:delete',
    summary: 'Make another user the owner in your place',
    description:
      'Only an owner may. The user gets the role owner without an end, and you lose it. Other owners stay owners.',
    schema: { body: transferSchema, response: { 200: z.object({ message: z.string() }) } },
    errors: [400, 404, 409],
    example: { userId: '0193a1c2-7b5e-7000-8000-000000000001', confirm: 'acme' },
    async handle({ context, request }) {
      await transferOwnership(services, context, request.body)
      return { message: 'The user is the owner now.' }
    },
  })
