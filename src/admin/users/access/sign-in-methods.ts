import { z } from 'zod'
import { listSignInMethods, removeUserPassword, type UserAccessServices } from '../../../users/access/manage-access.ts'
import { adminOperation } from '../../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'
import { endedSchema } from './user-sessions.ts'

const METHODS_PATH = `${USER_PATH}/sign-in-methods`

export const listSignInMethodsOperation = (services: UserAccessServices) =>
  adminOperation({
    method: 'GET',
    path: METHODS_PATH,
    operationId: 'listSignInMethods',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'List the ways in which a user can sign in',
    schema: {
      params: userParams,
      response: { 200: z.object({ data: z.array(z.object({ type: z.enum(['password']) })) }) },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const methods = await listSignInMethods(services, context, request.params.id)
      return { data: methods.map((type) => ({ type })) }
    },
  })

export const removeUserPasswordOperation = (services: UserAccessServices) =>
  adminOperation({
    method: 'DELETE',
    path: `${METHODS_PATH}/password`,
    operationId: 'removeUserPassword',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: 'Remove the password of a user',
    description:
      'The user cannot sign in with a password until one is set. Sessions and everything issued to the user end at once.',
    schema: { params: userParams, response: { 200: endedSchema } },
    errors: [400, 404, 409],
    handle: ({ context, request }) => removeUserPassword(services, context, request.params.id),
  })
