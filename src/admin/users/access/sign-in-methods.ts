import { z } from 'zod'
import { providerOf } from '../../../authentication/factors/passkey/providers.ts'
import { removeUserPassword, type UserAccessServices } from '../../../users/access/manage-access.ts'
import { listSignInMethods, removeUserPasskey, type SignInMethod } from '../../../users/access/user-passkeys.ts'
import { adminOperation } from '../../operation.ts'
import { USER_PATH, userId, USERS_TAG, userParams } from '../user-path.ts'
import { endedSchema } from './user-sessions.ts'

const METHODS_PATH = `${USER_PATH}/sign-in-methods`

const signInMethodSchema = z.union([
  z.object({ type: z.literal('password') }),
  z.object({
    type: z.literal('passkey'),
    id: z.string(),
    name: z.string(),
    provider: z.string().nullable().describe('What keeps the passkey, as its AAGUID says. For display only.'),
    synced: z.boolean().describe('Whether it can be copied to other devices. Otherwise it is bound to one.'),
    backedUp: z.boolean().describe('Whether it has been copied.'),
    createdAt: z.string(),
    lastUsedAt: z.string().nullable(),
  }),
])

function representMethod(method: SignInMethod): z.output<typeof signInMethodSchema> {
  if (method.type === 'password') return { type: 'password' }
  const { id, name, aaguid, backupEligible, backedUp, createdAt, lastUsedAt } = method.passkey
  return {
    type: 'passkey',
    id,
    name,
    provider: providerOf(aaguid) ?? null,
    synced: backupEligible,
    backedUp,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }
}

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
      response: { 200: z.object({ data: z.array(signInMethodSchema) }) },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      const methods = await listSignInMethods(services, context, request.params.id)
      return { data: methods.map(representMethod) }
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

export const removeUserPasskeyOperation = (services: UserAccessServices) =>
  adminOperation({
    method: 'DELETE',
    path: `${METHODS_PATH}/passkeys/:passkeyId`,
    operationId: 'removeUserPasskey',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: 'Remove a passkey of a user',
    description:
      'For users who lost the device. Sessions stay; end them as well if another person may have it. Also removes the last way in. You must hold every permission of the user.',
    schema: {
      params: z.object({ id: userId, passkeyId: z.uuid({ error: 'must be the id of a passkey' }) }),
      response: { 204: z.null().describe('Removed.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await removeUserPasskey(services, context, request.params.id, request.params.passkeyId)
      return reply.status(204).send(null)
    },
  })
