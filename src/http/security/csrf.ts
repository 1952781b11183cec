import type { FastifyRequest } from 'fastify'
import { equalInConstantTime, hmacSha256 } from '../../lib/hash.ts'

/**
 * Whether a request that changes something may come from where it says it comes from: our own origin, or no browser at
 * all. Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; `curl` says neither.
 */
export function isSameOrigin(request: FastifyRequest, issuer: string): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  return origin === undefined || origin === new URL(issuer).origin
}

/** Makes and checks the hidden field of forms: bound to the browser's cookie and to what the form is for. */
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
