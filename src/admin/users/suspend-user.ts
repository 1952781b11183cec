import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { AccessWithdrawal } from '../../users/find-user.ts'
import { reactivateUser, suspendUser } from '../../users/update-user.ts'
import { adminOperation } from '../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from './user-path.ts'
import { representUser, userSchema } from './user-representation.ts'

const suspensionSchema = z.strictObject(
  { reason: field.text(500).nullable().default(null).describe('Shown to administrators only.') },
  { error: 'must be a JSON object with the member reason' },
)

export const suspendUserOperation = (services: AccessWithdrawal) =>
  adminOperation({
    method: 'POST',
    path: `${USER_PATH}/suspend`,
    operationId: 'suspendUser',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Suspend the membership of a user',
    description:
      'The user cannot sign in to the organisation, and sessions and everything issued in it end at once. The account itself is not blocked. You must hold every permission of the user.',
    schema: { params: userParams, body: suspensionSchema, response: { 200: userSchema } },
    errors: [400, 404, 409],
    example: { reason: 'Parental leave' },
    async handle({ context, request }) {
      return representUser(await suspendUser(services, context, request.params.id, request.body.reason))
    },
  })

export const reactivateUserOperation = (services: AccessWithdrawal) =>
  adminOperation({
    method: 'POST',
    path: `${USER_PATH}/reactivate`,
    operationId: 'reactivateUser',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Make a suspended membership active again',
    description: 'The user can sign in again. What ended with the suspension stays ended.',
    schema: { params: userParams, response: { 200: userSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representUser(await reactivateUser(services, context, request.params.id))
    },
  })
