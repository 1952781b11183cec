// `admin/users/mfa` owns what administrators do about the second factors of users.

import { z } from 'zod'
import type { AccessWithdrawal } from '../../../users/find-user.ts'
import { resetUserMfa } from '../../../users/reset-mfa.ts'
import { adminOperation } from '../../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'

export const resetUserMfaOperation = (services: AccessWithdrawal) =>
  adminOperation({
    method: 'DELETE',
    path: `${USER_PATH}/mfa`,
    operationId: 'resetUserMfa',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: 'Remove the second factors of a user',
    description:
      'For users who lost their authenticator app and their recovery codes. Ends the sessions of the user and everything issued to them. Until they set up another factor, the password alone signs them in, unless the organisation requires a second factor. You must hold every permission of the user.',
    schema: {
      params: userParams,
      response: {
        200: z.object({
          sessions: z.int().describe('The number of sessions that ended.'),
          grants: z.int().describe('The number of grants that were revoked.'),
        }),
      },
    },
    errors: [400, 404, 409],
    handle: ({ context, request }) => resetUserMfa(services, context, request.params.id),
  })
