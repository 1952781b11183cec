import { z } from 'zod'
import type { SessionRepository } from '../../../model/sessions/session.ts'
import { endUserSession } from '../../../users/access/manage-access.ts'
import { findUser, type UserManagement } from '../../../users/find-user.ts'
import { endUserSessions, setUserPassword } from '../../../users/user-access.ts'
import { adminOperation } from '../../operation.ts'
import { password } from '../user-body.ts'
import { USER_PATH, USERS_TAG, userParams } from '../user-path.ts'

const SESSIONS_PATH = `${USER_PATH}/sessions`

export const endedSchema = z.object({
  sessions: z.int().describe('The number of sessions that ended.'),
  grants: z.int().describe('The number of grants that were revoked.'),
})

const sessionSchema = z.object({
  id: z.string(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  authenticatedAt: z.string(),
  lastActivityAt: z.string(),
  expiresAt: z.string(),
  createdAt: z.string(),
})

export interface UserSessionServices extends Pick<UserManagement, 'userDirectory' | 'clock'> {
  sessions: Pick<SessionRepository, 'list'>
}

export const listUserSessionsOperation = (services: UserSessionServices) =>
  adminOperation({
    method: 'GET',
    path: SESSIONS_PATH,
    operationId: 'listUserSessions',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'List the sessions of a user',
    description: 'The active sessions, the most recently used first.',
    schema: { params: userParams, response: { 200: z.object({ data: z.array(sessionSchema) }) } },
    errors: [400, 404],
    async handle({ context, request }) {
      const user = await findUser(services, context, request.params.id)
      const sessions = await services.sessions.list(user, services.clock.now())
      return {
        data: sessions.map((session) => ({
          id: session.id,
          ipAddress: session.ipAddress,
          userAgent: session.userAgent,
          authenticatedAt: session.authTime.toISOString(),
          lastActivityAt: session.lastActivityAt.toISOString(),
          expiresAt: session.expiresAt.toISOString(),
          createdAt: session.createdAt.toISOString(),
        })),
      }
    },
  })

export const endUserSessionOperation = (services: Parameters<typeof endUserSession>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: `${SESSIONS_PATH}/:sessionId`,
    operationId: 'endUserSession',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'End a session of a user',
    description: 'Its grants end with it, except those for offline_access.',
    schema: {
      params: userParams.extend({ sessionId: z.uuid({ error: 'must be the id of a session' }) }),
      response: { 204: z.null().describe('Ended.') },
    },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      await endUserSession(services, context, request.params.id, request.params.sessionId)
      return reply.status(204).send(null)
    },
  })

export const endUserSessionsOperation = (services: Parameters<typeof endUserSessions>[0]) =>
  adminOperation({
    method: 'DELETE',
    path: SESSIONS_PATH,
    operationId: 'endUserSessions',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:update',
    summary: 'End the sessions of a user',
    description: 'And everything issued to the user: no refresh token or access token of theirs is active any more.',
    schema: { params: userParams, response: { 200: endedSchema } },
    errors: [400, 404],
    handle: ({ context, request }) => endUserSessions(services, context, request.params.id),
  })

export const setUserPasswordOperation = (services: UserManagement) =>
  adminOperation({
    method: 'POST',
    path: `${USER_PATH}/password`,
    operationId: 'setUserPassword',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: 'Set the password of a user',
    description:
      'Ends the sessions of the user and everything issued to them. You must hold every permission of the user.',
    schema: {
      params: userParams,
      body: z.strictObject({ password }, { error: 'must be a JSON object with the member password' }),
      response: { 200: endedSchema },
    },
    errors: [400, 404],
    example: { password: 'correct-horse-battery' },
    handle: ({ context, request }) => setUserPassword(services, context, request.params.id, request.body.password),
  })
