import type { FastifyRequest } from 'fastify'

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1), or undefined. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const match = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '')
  return match?.[1]
}

/** Whether a request has an `Authorization` header that is not a bearer token. */
export function hasOtherAuthorization(request: FastifyRequest): boolean {
  return request.headers.authorization !== undefined && bearerToken(request) === undefined
}

/** How an access token was sent. */
export interface TokenCredentials {
  scheme: 'Bearer' | 'DPoP'
  token: string
}

/** The access token of an `Authorization` header, by its scheme (RFC 6750 §2.1, RFC 9449 §7.1), or undefined. */
export function tokenCredentials({ headers }: FastifyRequest): TokenCredentials | undefined {
  const [, scheme, token] = /^(bearer|dpop) +([A-Za-z0-9._~+/-]+=*)$/i.exec(headers.authorization ?? '') ?? []
  if (scheme === undefined || token === undefined) return undefined
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token }
}

/** Whether an `Authorization` header has the scheme of an access token, but no token of its form after it. */
export function hasMalformedToken(request: FastifyRequest): boolean {
  return /^(?:bearer|dpop)\b/i.test(request.headers.authorization ?? '') && tokenCredentials(request) === undefined
}
