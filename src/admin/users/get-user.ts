import { findUser, type UserFinder } from '../../users/find-user.ts'
import { adminOperation } from '../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from './user-path.ts'
import { userSchema } from './user-representation.ts'
import { userBody } from './user-version.ts'

export const getUserOperation = (services: UserFinder) =>
  adminOperation({
    method: 'GET',
    path: USER_PATH,
    operationId: 'getUser',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'Read a user',
    description: 'The ETag of the response is for If-Match of a change.',
    schema: { params: userParams, response: { 200: userSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      return userBody(reply, await findUser(services, context, request.params.id))
    },
  })
