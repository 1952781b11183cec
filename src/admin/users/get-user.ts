import { findUser, type UserFinder } from '../../users/find-user.ts'
import { adminOperation } from '../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from './user-path.ts'
import { representUser, userSchema } from './user-representation.ts'

export const getUserOperation = (services: UserFinder) =>
  adminOperation({
    method: 'GET',
    path: USER_PATH,
    operationId: 'getUser',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'Read a user',
    schema: { params: userParams, response: { 200: userSchema } },
    errors: [400, 404],
    async handle({ context, request }) {
      return representUser(await findUser(services, context, request.params.id))
    },
  })
