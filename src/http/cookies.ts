import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomToken } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'

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
  browser(request: FastifyRequest): string | undefined
  /** The same, made and set where there is none. */
  ensureBrowser(request: FastifyRequest, reply: FastifyReply): string
}

/** Lets a scope read and set cookies. Where clients call, there are none. */
export async function acceptCookies(scope: FastifyInstance): Promise<void> {
  await scope.register(cookie)
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/

export function createCookies({ name, secure }: { name: string; secure: boolean }): Cookies {
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
  const browserName = secure ? '__Host-cerb_browser' : 'cerb_browser'
  const browserStateName = secure ? '__Host-cerb_state' : 'cerb_state'
  const readable = { path: '/', httpOnly: false, sameSite: secure ? 'none' : 'lax', secure } as const
  const read = (request: FastifyRequest, named: string) => {
    const value = request.cookies[named]
    return value !== undefined && TOKEN.test(value) ? value : undefined
  }
  return {
    session: (request) => read(request, name),
    setSession(reply, token, maxAge) {
      void reply.setCookie(name, token, { ...attributes, maxAge })
      void reply.setCookie(browserStateName, browserStateOf(token), { ...readable, maxAge })
    },
    clearSession(reply) {
      void reply.clearCookie(name, attributes)
      void reply.clearCookie(browserStateName, readable)
    },
    browserState: (request) => read(request, browserStateName) ?? '',
    browserStateName,
    browser: (request) => read(request, browserName),
    ensureBrowser(request, reply) {
      const present = read(request, browserName)
      if (present !== undefined) return present
      const made = randomToken()
      void reply.setCookie(browserName, made, { ...attributes })
      return made
    },
  }
}

/** Leads back to no token, and is not what is stored of one. */
function browserStateOf(token: string): string {
  return sha256(`browser state\n${token}`).toString('base64url')
}

/** How a cookie's value is stored and looked up. */
export function hashCookie(value: string): Buffer {
  return sha256(value)
}
