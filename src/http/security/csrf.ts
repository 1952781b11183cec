import type { FastifyRequest } from 'fastify'
import { equalInConstantTime, hmacSha256 } from '../../lib/crypto/hash.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import type { Cookies } from '../request/cookies.ts'

/**
 * Whether a state-changing request comes from our own origin or from a program that is not a browser. Browsers send
 * `Sec-Fetch-Site`, older ones `Origin`; programs such as `curl` send neither.
 */
export function isSameOrigin(request: FastifyRequest, issuer: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  return origin === undefined || origin === new URL(issuer).origin
}

/** Creates and verifies the hidden field of forms, bound to the browser id and to the purpose of the form. */
export interface CsrfTokens {
  create(browserId: string, purpose: string): string
  verify(token: string | undefined, browserId: string, purpose: string): boolean
}

export function createCsrfTokens(key: Uint8Array): CsrfTokens {
  const create = (browser: string, purpose: string) => hmacSha256(key, `${purpose}\n${browser}`).toString('base64url')
  return {
    create,
    verify: (token, browser, purpose) =>
      token !== undefined && equalInConstantTime(Buffer.from(token), Buffer.from(create(browser, purpose))),
  }
}

/** What the forms of a page need. */
export interface FormProtection {
  issuer: string
  cookies: Pick<Cookies, 'browserId'>
  csrfTokens: Pick<CsrfTokens, 'verify'>
}

/** Whether a form was sent by the page of this purpose, in the browser that it was shown to. */
export function isOwnForm(
  { issuer, cookies, csrfTokens }: FormProtection,
  purpose: string,
  request: FastifyRequest,
  form: Parameters,
): boolean {
  const browser = cookies.browserId(request)
  return isSameOrigin(request, issuer) && browser !== undefined && csrfTokens.verify(form.get('csrf'), browser, purpose)
}
