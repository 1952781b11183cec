import type { OpenAPIV3_1 } from 'openapi-types'
import { responseRef } from '../operations/operation.ts'

const problemResponse = (description: string): OpenAPIV3_1.ResponseObject => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})
const oauthErrorResponse = (description: string): OpenAPIV3_1.ResponseObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/OAuthError' } } },
})
const challengeHeader = { 'WWW-Authenticate': { schema: { type: 'string' } } } as const

/** The responses that many operations share. */
export const sharedResponses: Readonly<Record<string, OpenAPIV3_1.ResponseObject>> = {
  Invalid: problemResponse('The request is malformed, or some values are invalid: errors lists all of them.'),
  Unauthorized: problemResponse('The user is not signed in, or the credentials are wrong.'),
  Forbidden: problemResponse('The caller lacks the permission.'),
  NotFound: problemResponse('The resource does not exist in the organisation.'),
  Conflict: problemResponse('The current state of the resource does not allow the request.'),
  PreconditionFailed: problemResponse('The resource has changed: If-Match does not match its current ETag.'),
  ContentTooLarge: problemResponse('The body is too large.'),
  UnsupportedMediaType: problemResponse('The media type of the body is not supported.'),
  TooManyRequests: problemResponse('A rate limit is exceeded. Retry-After gives the seconds to wait.'),
  Unavailable: problemResponse('The server is overloaded or unavailable. Retry-After gives the seconds to wait.'),
  OAuthBadRequest: oauthErrorResponse('The request is rejected. See error and error_description.'),
  InvalidClient: { ...oauthErrorResponse('Client authentication failed.'), headers: challengeHeader },
  OAuthTooManyRequests: oauthErrorResponse(
    'Too many failures from this address. Retry-After gives the seconds to wait.',
  ),
  OAuthUnavailable: oauthErrorResponse('The server is overloaded or unavailable.'),
  BearerError: {
    ...oauthErrorResponse('The access token is not accepted. WWW-Authenticate gives the reason (RFC 6750 section 3).'),
    headers: challengeHeader,
  },
  ErrorPage: {
    description: 'A page that explains the error. The browser is not redirected.',
    content: { 'text/html': { schema: { type: 'string' } } },
  },
}

const problemResponseByStatus: Readonly<Record<number, string>> = {
  400: 'Invalid',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'ContentTooLarge',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  503: 'Unavailable',
}

/** The problem responses of an operation under /v1, by status. Every operation also has 429 and 503. */
export function problemResponses(...statuses: number[]): Record<string, ReturnType<typeof responseRef>> {
  return Object.fromEntries(
    [...statuses, 429, 503].map((status) => [status, responseRef(problemResponseByStatus[status] ?? 'Invalid')]),
  )
}
