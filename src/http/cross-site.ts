import type { FastifyRequest } from 'fastify'
import { equalInConstantTime, hmacSha256 } from '../lib/secret.ts'

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
export interface FormTokens {
  make(browser: string, purpose: string): string
  check(token: string | undefined, browser: string, purpose: string): boolean
}

export function createFormTokens(key: Uint8Array): FormTokens {
  const make = (browser: string, purpose: string) => hmacSha256(key, `${purpose}\n${browser}`).toString('base64url')
  return {
    make,
    check: (token, browser, purpose) =>
      token !== undefined && equalInConstantTime(Buffer.from(token), Buffer.from(make(browser, purpose))),
  }
}
