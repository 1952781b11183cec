import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomToken } from '../../lib/crypto/random.ts'
import { sha256 } from '../../lib/crypto/hash.ts'

/**
 * The cookies of browsers, all for this host only. The session and the browser id are random, HttpOnly and SameSite=Lax.
 * The browser state is readable by our script on pages of clients (OpenID Connect Session Management §3.2). It changes with
 * the session and authenticates nothing.
 */
export interface Cookies {
  /** The session cookie of a request. */
  session(request: FastifyRequest): string | undefined
  /** Sets the session cookie and the browser state derived from it. `maxAge` in seconds. */
  setSession(reply: FastifyReply, token: string, maxAge: number): void
  clearSession(reply: FastifyReply): void
  /** The browser state of a request; empty when the user is not signed in. */
  browserState(request: FastifyRequest): string
  /** The name of the cookie with the browser state. */
  readonly browserStateName: string
  /** The cookie by which a browser is known in which someone has signed in (`authentication/known-devices`). */
  device(request: FastifyRequest): string | undefined
  setDevice(reply: FastifyReply, value: string): void
  /** Whether the browser sends cookies at all. Those of other servers on the same host count, and malformed ones. */
  areSent(request: FastifyRequest): boolean
  /** The cookie that binds forms and pending requests to one browser, or undefined. */
  browserId(request: FastifyRequest): string | undefined
  /** The browser id, created and set when it is absent. */
  ensureBrowserId(request: FastifyRequest, reply: FastifyReply): string
  /** The pending requests that this browser completed last. Used for a page only, never to decide anything. */
  completedRequests(request: FastifyRequest): readonly string[]
  /** Remembers that the pending request `id` was completed. */
  addCompletedRequest(request: FastifyRequest, reply: FastifyReply, id: string): void
}

/** Lets a scope read and set cookies. Scopes for clients do not use it. */
export async function registerCookies(scope: FastifyInstance): Promise<void> {
  await scope.register(cookie)
}

const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/
const MAX_COMPLETED_REQUESTS = 5
/** As long as a request may be pending. */
const COMPLETED_REQUESTS_SECONDS = 3_600
const DEVICE_PATTERN = /^[A-Za-z0-9_-]{22}(?:\.[A-Za-z0-9_-]{43}){1,5}$/
const DEVICE_COOKIE_SECONDS = 180 * 86_400

export function createCookies({ name, secure }: { name: string; secure: boolean }): Cookies {
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
  const browserIdName = secure ? '__Host-cerb_browser' : 'cerb_browser'
  const deviceName = secure ? '__Host-cerb_device' : 'cerb_device'
  const browserStateName = secure ? '__Host-cerb_state' : 'cerb_state'
  const completedName = secure ? '__Host-cerb_completed' : 'cerb_completed'
  const scriptReadableAttributes = { path: '/', httpOnly: false, sameSite: secure ? 'none' : 'lax', secure } as const
  const read = (request: FastifyRequest, cookieName: string) => {
    const value = request.cookies[cookieName]
    return value !== undefined && TOKEN_PATTERN.test(value) ? value : undefined
  }
  const completedRequests = (request: FastifyRequest) =>
    (request.cookies[completedName] ?? '').split('.', MAX_COMPLETED_REQUESTS).filter((id) => TOKEN_PATTERN.test(id))
  return {
    completedRequests,
    addCompletedRequest(request, reply, id) {
      const ids = [id, ...completedRequests(request)].slice(0, MAX_COMPLETED_REQUESTS)
      void reply.setCookie(completedName, ids.join('.'), { ...attributes, maxAge: COMPLETED_REQUESTS_SECONDS })
    },
    session: (request) => read(request, name),
    setSession(reply, token, maxAge) {
      void reply.setCookie(name, token, { ...attributes, maxAge })
      void reply.setCookie(browserStateName, deriveBrowserState(token), { ...scriptReadableAttributes, maxAge })
    },
    clearSession(reply) {
      void reply.clearCookie(name, attributes)
      void reply.clearCookie(browserStateName, scriptReadableAttributes)
    },
    browserState: (request) => read(request, browserStateName) ?? '',
    browserStateName,
    device(request) {
      const value = request.cookies[deviceName]
      return value !== undefined && DEVICE_PATTERN.test(value) ? value : undefined
    },
    setDevice(reply, value) {
      void reply.setCookie(deviceName, value, { ...attributes, maxAge: DEVICE_COOKIE_SECONDS })
    },
    areSent: (request) => Object.keys(request.cookies).length > 0,
    browserId: (request) => read(request, browserIdName),
    ensureBrowserId(request, reply) {
      const present = read(request, browserIdName)
      if (present !== undefined) return present
      const created = randomToken()
      void reply.setCookie(browserIdName, created, { ...attributes })
      return created
    },
  }
}

/** Derived in one direction, and different from the stored hash of the token. */
function deriveBrowserState(token: string): string {
  return sha256(`browser state\n${token}`).toString('base64url')
}

/** The form in which the value of a cookie is stored. */
export function hashCookie(value: string): Buffer {
  return sha256(value)
}
