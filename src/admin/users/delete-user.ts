import { z } from 'zod'
import { deleteUser, eraseUser, restoreUser } from '../../users/delete-user.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter } from '../paging.ts'
import { USER_PATH, USERS_TAG, userParams } from './user-path.ts'
import { representUser, userSchema } from './user-representation.ts'

type UserRemover = Parameters<typeof deleteUser>[0]

export const deleteUserOperation = (services: UserRemover) =>
  adminOperation({
    method: 'DELETE',
    path: USER_PATH,
    operationId: 'deleteUser',
    tag: USERS_TAG,
    permission: 'users:delete',
    summary: 'Delete a user',
    description:
      'Sessions and everything issued to the user end at once. The user can be restored for 30 days and is then erased. With erase, the user is erased now: no personal data stays, and the e-mail address is free.',
    schema: {
      params: userParams,
      querystring: z.object({ erase: enumParameter(['true', 'false']) }),
      response: { 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      const remove = request.query.erase === 'true' ? eraseUser : deleteUser
      await remove(services, context, request.params.id)
      return reply.status(204).send(null)
    },
  })

export const restoreUserOperation = (services: UserRemover) =>
  adminOperation({
    method: 'POST',
    path: `${USER_PATH}/restore`,
    operationId: 'restoreUser',
    tag: USERS_TAG,
    permission: 'users:delete',
    summary: 'Restore a deleted user',
    description: 'With the roles that the user had. What ended with the deletion stays ended.',
    schema: { params: userParams, response: { 200: userSchema } },
    errors: [400, 404, 409],
    async handle({ context, request }) {
      return representUser(await restoreUser(services, context, request.params.id))
    },
  })
