import type { FastifyInstance } from 'fastify'
import { createCachedResponse, sendCachedResponse } from '../http/caching/cached-response.ts'
import type { Cookies } from '../http/request/cookies.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { checkSessionPage } from '../pages/check-session.ts'

const CHECK_SESSION_PATH = '/oauth2/check-session'
/** Clients embed the page on every page of theirs, and it is the same for all. */
const MAX_AGE_SECONDS = 3600

/** The page that clients load in an iframe to detect session changes (OpenID Connect Session Management §3.2). */
export function checkSessionRoutes(scope: FastifyInstance, { cookies }: { cookies: Cookies }): void {
  const { html, scriptHash } = checkSessionPage(cookies.browserStateName)
  const document = createCachedResponse(html)

  scope.get(CHECK_SESSION_PATH, async (request, reply) => {
    // The one page that others frame. It shows nothing that could be clicked, and tells who asks what they know
    // already.
    void reply
      .removeHeader('x-frame-options')
      .header('content-security-policy', `default-src 'none'; script-src '${scriptHash}'; base-uri 'none'`)
    return sendCachedResponse(request, reply, document, { maxAge: MAX_AGE_SECONDS, type: 'text/html; charset=utf-8' })
  })

  rejectOtherMethods(scope, CHECK_SESSION_PATH, ['GET'])
}
