// `account/me` owns the routes under `/v1/me`: the caller's own profile and sessions.
// The caller presents a session cookie or an access token (`caller.ts`).
// Other users' data belongs to `admin`.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createAuditEvent, type AuditEventType } from '../../audit/catalogue.ts'
import { restrictCorsOrigin } from '../../http/security/cors.ts'
import { isSameOrigin } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { forbidden, unauthorized } from '../../http/errors/problem.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Session, SessionRepository } from '../../model/sessions/session.ts'
import type { UserProfile, UserRepository } from '../../model/users/user.ts'
import {
  profileChangeSchema,
  profileSchema,
  readProfileChange,
  representProfile,
  type ProfileVisibility,
} from './profile.ts'

/** The person who makes a request, by the session cookie or by an access token of theirs. */
export interface AccountCaller {
  userId: string
  organisationId: string
  /** The session of the cookie, or the one that the token comes from. */
  sessionId?: string
  via: 'session' | 'bearer'
  /** Whether the client of the token is first-party; what a cookie's caller is does not matter. */
  firstParty: boolean
  /** The scopes of the token; a cookie has none. */
  scopes?: readonly string[]
  /** Whose scripts may read the answer: those of the client of the token. What a cookie opens is for none. */
  allowedOrigins: readonly string[]
}

export interface MeOptions {
  /** Who makes the request; throws the 401 problem where nobody does. */
  resolveCaller: (request: FastifyRequest) => Promise<AccountCaller>
  users: Pick<UserRepository, 'findProfile' | 'updateProfile'>
  sessions: Pick<SessionRepository, 'list' | 'end'>
  clock: Clock
  issuer: string
}

const tags = ['Own account']
const UUID_PATTERN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const sessionsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      ipAddress: z.string().nullable(),
      userAgent: z.string().nullable(),
      lastActivityAt: z.string(),
      expiresAt: z.string(),
      createdAt: z.string(),
      current: z.boolean().describe('Whether it is the one that asks.'),
    }),
  ),
})

/** `/v1/me`: what people see and change of themselves, in the one organisation they belong to. */
export function meRoutes(scope: FastifyInstance, { resolveCaller, users, sessions, clock, issuer }: MeOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const callers = new WeakMap<FastifyRequest, AccountCaller>()

  // Before the body is read. An application that the organisation does not run itself may know whom it works for, no more.
  const requireCaller = (access: 'everyone' | 'own') => async (request: FastifyRequest, reply: FastifyReply) => {
    const found = await resolveCaller(request)
    restrictCorsOrigin(request, reply, found.allowedOrigins)
    if (access === 'own' && found.via === 'bearer' && !found.firstParty) {
      throw forbidden('Only applications of the organisation itself may do this for a person.')
    }
    if (found.via === 'session' && request.method !== 'GET' && request.method !== 'HEAD') {
      if (!isSameOrigin(request, issuer)) throw forbidden('Changes may not be asked for by pages of another site.')
    }
    callers.set(request, found)
  }
  const callerOf = (request: FastifyRequest): AccountCaller => {
    const found = callers.get(request)
    if (!found) throw new Error('A route of one’s own account did not ask who calls.')
    return found
  }
  const eventOf = (
    request: FastifyRequest,
    type: AuditEventType,
    resource: { type: string; id: string },
    fields?: string[],
  ) =>
    createAuditEvent(clock, type, {
      organisationId: callerOf(request).organisationId,
      userId: callerOf(request).userId,
      requestMetadata: requestMetadata(request),
      resource,
      ...(fields && { metadata: { fields } }),
    })

  routes.get(
    '/v1/me/profile',
    {
      onRequest: requireCaller('everyone'),
      schema: {
        tags,
        summary: 'Read one’s own profile',
        description: 'By the session cookie or an access token.',
        response: { 200: profileSchema },
      },
    },
    async (request) => {
      const me = callerOf(request)
      return representProfile(requireProfile(await users.findProfile(accountOf(me))), profileVisibilityFor(me))
    },
  )

  routes.patch(
    '/v1/me/profile',
    {
      onRequest: requireCaller('own'),
      schema: {
        tags,
        summary: 'Change one’s own profile',
        description: 'A changed telephone number is no longer verified.',
        body: profileChangeSchema,
        response: { 200: profileSchema },
      },
    },
    async (request) => {
      const account = accountOf(callerOf(request))
      const fields = Object.keys(request.body)
      const changed =
        fields.length === 0
          ? await users.findProfile(account)
          : await users.updateProfile(
              account,
              readProfileChange(request.body),
              eventOf(request, 'user.updated', { type: 'user', id: account.id }, fields),
            )
      return representProfile(requireProfile(changed), profileVisibilityFor(callerOf(request)))
    },
  )

  routes.get(
    '/v1/me/sessions',
    {
      onRequest: requireCaller('own'),
      schema: {
        tags,
        summary: 'List where one is signed in',
        description: 'Sessions that still live, the most recently used first.',
        response: { 200: sessionsSchema },
      },
    },
    async (request) => {
      const me = callerOf(request)
      const live = await sessions.list(accountOf(me), clock.now())
      return { data: live.map((session) => representSession(session, me.sessionId)) }
    },
  )

  routes.delete(
    '/v1/me/sessions/:id',
    {
      onRequest: requireCaller('own'),
      schema: {
        tags,
        summary: 'Sign out somewhere',
        description: 'Ends a session of one’s own with all that hangs from it; 204 as well where there is none.',
        params: z.object({ id: z.string() }),
        response: { 204: z.null().describe('Ended.') },
      },
    },
    async (request, reply) => {
      const { userId, organisationId } = callerOf(request)
      const id = request.params.id.toLowerCase()
      if (UUID_PATTERN.test(id)) {
        const event = eventOf(request, 'user.session_ended', { type: 'session', id })
        await sessions.end({ id, userId, organisationId }, event.occurredAt, event)
      }
      return reply.status(204).send(null)
    },
  )

  rejectOtherMethods(scope, '/v1/me/profile', ['GET', 'PATCH'])
  rejectOtherMethods(scope, '/v1/me/sessions', ['GET'])
  rejectOtherMethods(scope, '/v1/me/sessions/:id', ['DELETE'])
}

function accountOf({ userId, organisationId }: AccountCaller): { id: string; organisationId: string } {
  return { id: userId, organisationId }
}

/** Blocked or deleted since the caller was recognised: no longer anybody. */
function requireProfile(profile: UserProfile | undefined): UserProfile {
  if (!profile) throw unauthorized('Sign in first.')
  return profile
}

function representSession(session: Session, currentId: string | undefined) {
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

/** An application of somebody else learns what its scopes say, and nothing of rights. */
function profileVisibilityFor({ firstParty, scopes }: AccountCaller): ProfileVisibility {
  return { phone: firstParty || (scopes?.includes('phone') ?? false), permissions: firstParty }
}
