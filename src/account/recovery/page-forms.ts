// `account/recovery` owns what users do who cannot sign in: asking for a link, choosing another password, and closing an account
// that another person uses. By JSON and on pages. What happens belongs to `authentication/recovery`.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import { hashCookie, type Cookies } from '../../http/request/cookies.ts'
import type { CsrfTokens } from '../../http/security/csrf.ts'
import { chooseLocale, type Locale } from '../../pages/messages/locale.ts'
import { styleHash } from '../../pages/theme/style.ts'

export interface PageFormOptions {
  issuer: string
  cookies: Cookies
  csrfTokens: CsrfTokens
}

const policy = pageContentSecurityPolicy({ style: styleHash })

export const localeOf = (request: FastifyRequest): Locale => chooseLocale(undefined, request.headers['accept-language'])

/** Sends a page of this room. */
export const show = (reply: FastifyReply, html: string, status = 200): FastifyReply =>
  sendPage(reply.status(status), html, policy)

/** What the form of a page needs: its target and its CSRF token, which is bound to the browser. */
export function formOf(
  { cookies, csrfTokens }: PageFormOptions,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): { locale: Locale; action: string; csrf: string } {
  const csrf = csrfTokens.create(cookies.ensureBrowserId(request, reply), path)
  return { locale: localeOf(request), action: path, csrf }
}

/** The stored form of the browser's id. */
export function browserHashOf(
  { cookies }: Pick<PageFormOptions, 'cookies'>,
  request: FastifyRequest,
): Buffer | undefined {
  const browser = cookies.browserId(request)
  return browser === undefined ? undefined : hashCookie(browser)
}
