import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { validationError } from '../../http/errors/problem.ts'
import type { AttributeReader } from '../../users/attributes/attribute-values.ts'
import type { AccessWithdrawal } from '../../users/find-user.ts'
import { blockUser, requireAccepted, unblockUser, updateUser } from '../../users/update-user.ts'
import { adminOperation } from '../operation.ts'
import { attributeMembers, readUserDetails, userDetailMembers } from './user-body.ts'
import { USER_PATH, USERS_TAG, userParams } from './user-path.ts'
import { userSchema } from './user-representation.ts'
import { acceptedVersion, userBody } from './user-version.ts'

export const blockReason = field.text(500).nullable().optional().describe('Shown to administrators only.')

const userChangeSchema = z.strictObject(
  {
    ...userDetailMembers,
    ...attributeMembers,
    blockedAt: field.instant
      .nullable()
      .optional()
      .describe('An instant blocks the user now; null unblocks. Only with blockedReason, in a request of its own.'),
    blockedReason: blockReason,
  },
  {
    error: field.memberError('has members that cannot be changed here'),
  },
)

export const updateUserOperation = (services: AccessWithdrawal & AttributeReader) =>
  adminOperation({
    method: 'PATCH',
    path: USER_PATH,
    operationId: 'updateUser',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'Change a user',
    description:
      'Null removes a value. A blocked user cannot sign in: sessions and everything issued to the user end at once. You must hold every permission of the user.',
    schema: { params: userParams, body: userChangeSchema, response: { 200: userSchema } },
    errors: [400, 404, 409, 412],
    example: { firstName: 'Ada', phone: '+49 30 1234567' },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const { id } = request.params
      const { blockedAt, blockedReason, attributes, ...members } = request.body
      const accepts = acceptedVersion(request)
      if (blockedAt === undefined && blockedReason === undefined) {
        const change = { details: readUserDetails(members), attributes }
        return userBody(reply, await updateUser(services, context, id, change, accepts))
      }
      rejectOtherMembers(attributes === undefined ? members : { ...members, attributes }, blockedAt)
      await requireAccepted(services, context, id, accepts)
      const changed =
        blockedAt === null
          ? await unblockUser(services, context, id)
          : await blockUser(services, context, id, blockedReason ?? null)
      return userBody(reply, changed)
    },
  })

/** Blocking is an act of its own: the organisation's last owner is refused, and then nothing may be half-written. */
function rejectOtherMembers(details: object, blockedAt: Date | null | undefined): void {
  const issues = Object.keys(details).map((name) => ({
    path: [name],
    code: 'custom',
    message: 'must be changed in a request without blockedAt and blockedReason',
  }))
  if (blockedAt === undefined) {
    issues.push({ path: ['blockedAt'], code: 'custom', message: 'must be sent with blockedReason' })
  }
  if (issues.length > 0) throw validationError(issues)
}
