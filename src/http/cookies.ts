import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomToken } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'

/** The two cookies that browsers carry. Both are random, HttpOnly, SameSite=Lax and for this host alone. */
export interface Cookies {
  /** The session cookie of a request. */
  session(request: FastifyRequest): string | undefined
  setSession(reply: FastifyReply, token: string, maxAge: number): void
  clearSession(reply: FastifyReply): void
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
  const read = (request: FastifyRequest, named: string) => {
    const value = request.cookies[named]
    return value !== undefined && TOKEN.test(value) ? value : undefined
  }
  return {
    session: (request) => read(request, name),
    setSession(reply, token, maxAge) {
      void reply.setCookie(name, token, { ...attributes, maxAge })
    },
    clearSession(reply) {
      void reply.clearCookie(name, attributes)
    },
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

/** How a cookie's value is stored and looked up. */
export function hashCookie(value: string): Buffer {
  return sha256(value)
}
