import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { securityEvent, type EventType } from '../events/catalogue.ts'
import { restrictOrigin } from '../http/cors.ts'
import { isSameOrigin } from '../http/cross-site.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { forbidden, unauthorized } from '../http/problem-dialect.ts'
import type { Clock } from '../lib/clock.ts'
import type { Session, SessionRepository } from '../model/session.ts'
import type { Profile, UserRepository } from '../model/user.ts'
import {
  profileChangeSchema,
  profileSchema,
  readProfileChange,
  representProfile,
  type ProfileRelease,
} from './profile.ts'

/** The person who makes a request, by the session cookie or by an access token of theirs. */
export interface Caller {
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
  caller: (request: FastifyRequest) => Promise<Caller>
  users: Pick<UserRepository, 'findProfile' | 'changeProfile'>
  sessions: Pick<SessionRepository, 'list' | 'end'>
  clock: Clock
  issuer: string
}

const tags = ['Own account']
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

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
export function meRoutes(scope: FastifyInstance, { caller, users, sessions, clock, issuer }: MeOptions): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>()
  const callers = new WeakMap<FastifyRequest, Caller>()

  // Before the body is read. An application that the organisation does not run itself may know whom it works for, no more.
  const admit = (whom: 'everyone' | 'own') => async (request: FastifyRequest, reply: FastifyReply) => {
    const found = await caller(request)
    restrictOrigin(request, reply, found.allowedOrigins)
    if (whom === 'own' && found.via === 'bearer' && !found.firstParty) {
      throw forbidden('Only applications of the organisation itself may do this for a person.')
    }
    if (found.via === 'session' && request.method !== 'GET' && request.method !== 'HEAD') {
      if (!isSameOrigin(request, issuer)) throw forbidden('Changes may not be asked for by pages of another site.')
    }
    callers.set(request, found)
  }
  const callerOf = (request: FastifyRequest): Caller => {
    const found = callers.get(request)
    if (!found) throw new Error('A route of one’s own account did not ask who calls.')
    return found
  }
  const eventOf = (
    request: FastifyRequest,
    type: EventType,
    resource: { type: string; id: string },
    fields?: string[],
  ) =>
    securityEvent(clock, type, {
      organisationId: callerOf(request).organisationId,
      userId: callerOf(request).userId,
      origin: originOf(request),
      resource,
      ...(fields && { metadata: { fields } }),
    })

  routes.get(
    '/v1/me/profile',
    {
      onRequest: admit('everyone'),
      schema: {
        tags,
        summary: 'Read one’s own profile',
        description: 'By the session cookie or an access token.',
        response: { 200: profileSchema },
      },
    },
    async (request) => {
      const me = callerOf(request)
      return representProfile(present(await users.findProfile(accountOf(me))), releaseTo(me))
    },
  )

  routes.patch(
    '/v1/me/profile',
    {
      onRequest: admit('own'),
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
          : await users.changeProfile(
              account,
              readProfileChange(request.body),
              eventOf(request, 'user.updated', { type: 'user', id: account.id }, fields),
            )
      return representProfile(present(changed), releaseTo(callerOf(request)))
    },
  )

  routes.get(
    '/v1/me/sessions',
    {
      onRequest: admit('own'),
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
      onRequest: admit('own'),
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
      if (UUID.test(id)) {
        const event = eventOf(request, 'user.session_ended', { type: 'session', id })
        await sessions.end({ id, userId, organisationId }, event.occurredAt, event)
      }
      return reply.status(204).send(null)
    },
  )

  refuseOtherMethods(scope, '/v1/me/profile', ['GET', 'PATCH'])
  refuseOtherMethods(scope, '/v1/me/sessions', ['GET'])
  refuseOtherMethods(scope, '/v1/me/sessions/:id', ['DELETE'])
}

function accountOf({ userId, organisationId }: Caller): { id: string; organisationId: string } {
  return { id: userId, organisationId }
}

/** Blocked or deleted since the caller was recognised: no longer anybody. */
function present(profile: Profile | undefined): Profile {
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
function releaseTo({ firstParty, scopes }: Caller): ProfileRelease {
  return { phone: firstParty || (scopes?.includes('phone') ?? false), rights: firstParty }
}
