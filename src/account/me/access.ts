// `account/me` owns the operations under `/v1/me`: the caller's own profile and sessions.
// The caller presents a session cookie or an access token (`caller.ts`); this file decides what it may call.
// Other users' data belongs to `admin`.

import type { FastifyRequest, FastifySchema } from 'fastify'
import { forbidden } from '../../http/errors/problem.ts'
import {
  defineOperation,
  sessionOrTokenSecurity,
  sessionSecurity,
  type CallerResolution,
  type Operation,
  type OperationDefinition,
} from '../../http/json-api/operation.ts'
import { restrictCorsOrigin } from '../../http/security/cors.ts'
import { isSameOrigin } from '../../http/security/csrf.ts'
import { requireRecentSignIn } from '../../authentication/sessions/require-recent-sign-in.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AccountCaller } from './caller.ts'

/** An operation on the caller's own account. */
export interface AccountOperation extends Operation<AccountCaller> {
  /** Whether a client must be first-party to call it with an access token. */
  firstPartyOnly: boolean
  /** Whether access tokens are rejected. */
  sessionOnly: boolean
  /** Whether the user must have signed in recently. */
  recentSignIn: boolean
}

export interface AccountAccessOptions {
  issuer: string
  clock: Clock
  /** The caller of a request. Throws a 401 problem. */
  resolveCaller: (request: FastifyRequest) => Promise<AccountCaller>
}

/** Makes an operation on the caller's own account. */
export function accountOperation<const Schema extends FastifySchema>({
  firstPartyOnly,
  sessionOnly = false,
  recentSignIn = false,
  ...definition
}: Omit<OperationDefinition<AccountCaller, Schema>, 'security' | 'tag'> & {
  firstPartyOnly: boolean
  sessionOnly?: boolean
  recentSignIn?: boolean
}): AccountOperation {
  const operation = defineOperation<AccountCaller, Schema>({
    ...(definition as OperationDefinition<AccountCaller, Schema>),
    tag: 'Own account',
    security: sessionOnly ? sessionSecurity : sessionOrTokenSecurity,
  })
  return { ...operation, firstPartyOnly, sessionOnly, recentSignIn }
}

/** Returns, for an operation, the hook that checks the caller before the body is read, and the caller it found. */
export function createAccountAccess({ issuer, clock, resolveCaller }: AccountAccessOptions) {
  const callers = new WeakMap<FastifyRequest, AccountCaller>()
  return ({ firstPartyOnly, sessionOnly, recentSignIn }: AccountOperation): CallerResolution<AccountCaller> => ({
    async onRequest(request, reply) {
      const caller = await resolveCaller(request)
      restrictCorsOrigin(request, reply, caller.allowedOrigins)
      if (sessionOnly && caller.sessionId === undefined) {
        throw forbidden('This needs the session cookie. Access tokens are not accepted.')
      }
      if (firstPartyOnly && caller.via === 'bearer' && !caller.firstParty) {
        throw forbidden('Only first-party clients may do this with an access token.')
      }
      const isChange = request.method !== 'GET' && request.method !== 'HEAD'
      if (caller.via === 'session' && isChange && !isSameOrigin(request, issuer)) {
        throw forbidden('Other sites may not send this request with the session cookie.')
      }
      if (recentSignIn) requireRecentSignIn(caller, clock.now())
      callers.set(request, caller)
    },
    contextOf(request) {
      const caller = callers.get(request)
      if (!caller) throw new Error('The caller of this request has not been resolved.')
      return caller
    },
  })
}

/** The session of a caller of an operation with `sessionOnly`. */
export function sessionOf({ sessionId }: AccountCaller): string {
  if (sessionId === undefined) throw new Error('The caller of this request has no session.')
  return sessionId
}
