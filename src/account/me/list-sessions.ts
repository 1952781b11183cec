import { z } from 'zod'
import type { Clock } from '../../lib/time/clock.ts'
import type { Session, SessionRepository } from '../../model/sessions/session.ts'
import { accountOperation } from './access.ts'
import { accountOf } from './profile.ts'

export interface SessionServices {
  sessions: Pick<SessionRepository, 'list' | 'end' | 'endOthers'>
  clock: Clock
}

export const SESSIONS_PATH = '/v1/me/sessions'

const sessionSchema = z.object({
  id: z.string(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  lastActivityAt: z.string(),
  expiresAt: z.string(),
  createdAt: z.string(),
  current: z.boolean().describe('Whether it is the session of this request.'),
})

export const listSessionsOperation = ({ sessions, clock }: SessionServices) =>
  accountOperation({
    method: 'GET',
    path: SESSIONS_PATH,
    operationId: 'listSessions',
    firstPartyOnly: true,
    summary: 'List your sessions',
    description: 'The active sessions, the most recently used first.',
    schema: { response: { 200: z.object({ data: z.array(sessionSchema) }) } },
    errorStatuses: [401, 403],
    async handle({ context: caller }) {
      const active = await sessions.list(accountOf(caller), clock.now())
      return { data: active.map((session) => representSession(session, caller.sessionId)) }
    },
  })

function representSession(session: Session, currentId: string | undefined): z.output<typeof sessionSchema> {
  return {
    id: session.id,
    ipAddress: session.ipAddress,
    userAgent: session.userAgent,
    lastActivityAt: session.lastActivityAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    createdAt: session.createdAt.toISOString(),
    current: session.id === currentId,
  }
}
