import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomToken } from '../../lib/random.ts'
import { sha256 } from '../../lib/hash.ts'

/**
 * The cookies that browsers carry. Two are random, HttpOnly and SameSite=Lax. The third is there for scripts of ours on
 * pages of others (OpenID Connect Session Management §3.2): it changes when the session does, and opens nothing. All are
 * for this host alone.
 */
export interface Cookies {
  /** The session cookie of a request. */
  session(request: FastifyRequest): string | undefined
  /** Begins a session in the browser: its cookie, and the browser state that goes with it. */
  setSession(reply: FastifyReply, token: string, maxAge: number): void
  clearSession(reply: FastifyReply): void
  /** The browser state of a request; empty where nobody is signed in. */
  browserState(request: FastifyRequest): string
  /** The name of its cookie. */
  readonly browserStateName: string
  /** The cookie that ties forms and waiting requests to one browser, or undefined. */
  browserId(request: FastifyRequest): string | undefined
  /** The same, made and set where there is none. */
  ensureBrowserId(request: FastifyRequest, reply: FastifyReply): string
}

/** Lets a scope read and set cookies. Where clients call, there are none. */
export async function registerCookies(scope: FastifyInstance): Promise<void> {
  await scope.register(cookie)
}

const TOKEN_PATTERN = /^[A-Za-z0-9_-]{43}$/

export function createCookies({ name, secure }: { name: string; secure: boolean }): Cookies {
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
  const browserIdName = secure ? '__Host-cerb_browser' : 'cerb_browser'
  const browserStateName = secure ? '__Host-cerb_state' : 'cerb_state'
  const scriptReadableAttributes = { path: '/', httpOnly: false, sameSite: secure ? 'none' : 'lax', secure } as const
  const read = (request: FastifyRequest, cookieName: string) => {
    const value = request.cookies[cookieName]
    return value !== undefined && TOKEN_PATTERN.test(value) ? value : undefined
  }
  return {
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

/** Leads back to no token, and is not what is stored of one. */
function deriveBrowserState(token: string): string {
  return sha256(`browser state\n${token}`).toString('base64url')
}

/** How a cookie's value is stored and looked up. */
export function hashCookie(value: string): Buffer {
  return sha256(value)
}
