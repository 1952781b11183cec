import { z } from 'zod'
import { accountOperation } from './access.ts'
import { createAccountAuditEvent } from './audit-event.ts'
import { SESSIONS_PATH, type SessionServices } from './list-sessions.ts'
import { isUuid } from '../../lib/text/uuid.ts'

export const deleteSessionOperation = ({ sessions, clock }: SessionServices) =>
  accountOperation({
    method: 'DELETE',
    path: `${SESSIONS_PATH}/:id`,
    operationId: 'deleteSession',
    firstPartyOnly: true,
    summary: 'End one of your sessions',
    description:
      'Its grants end with it, except those for offline_access. Also answers 204 if you have no session of this id.',
    schema: { params: z.object({ id: z.string() }), response: { 204: z.null().describe('Ended.') } },
    errorStatuses: [401, 403],
    async handle({ context: caller, request, reply }) {
      const { userId, organisationId } = caller
      const id = request.params.id.toLowerCase()
      if (isUuid(id)) {
        const resource = { type: 'session', id }
        const event = createAccountAuditEvent(caller, request, clock, 'user.session_ended', { resource })
        await sessions.end({ id, userId, organisationId }, event.occurredAt, event)
      }
      return reply.status(204).send(null)
    },
  })
