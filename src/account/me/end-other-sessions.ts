import { z } from 'zod'
import { accountOperation, sessionOf } from './access.ts'
import { createAccountAuditEvent } from './audit-event.ts'
import { SESSIONS_PATH, type SessionServices } from './list-sessions.ts'

export const endOtherSessionsOperation = ({ sessions, clock }: SessionServices) =>
  accountOperation({
    method: 'DELETE',
    path: SESSIONS_PATH,
    operationId: 'endOtherSessions',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'End your other sessions',
    description:
      'The session of this request stays. Grants of the others end with them, except those for offline_access.',
    schema: { response: { 204: z.null().describe('Ended.') } },
    errorStatuses: [401, 403],
    async handle({ context: caller, request, reply }) {
      const { userId, organisationId } = caller
      const resource = { type: 'user', id: userId }
      const event = createAccountAuditEvent(caller, request, clock, 'user.other_sessions_ended', { resource })
      await sessions.endOthers({ id: sessionOf(caller), userId, organisationId }, event)
      return reply.status(204).send(null)
    },
  })
