import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { OAuthError } from '../../oauth/errors.ts'
import { failureOf, MethodNotAllowed } from './framework-errors.ts'
import { logFailure, type ErrorHandlerOptions } from './oauth-error-handler.ts'

export type ProblemSlug =
  | 'bad-request'
  | 'validation-error'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'precondition-failed'
  | 'unsupported-media-type'
  | 'content-too-large'
  | 'rate-limit'
  | 'internal-server-error'
  | 'unavailable'

/** One thing that is wrong with a request, and where. */
export interface ValidationIssue {
  path: (string | number)[]
  code: string
  message: string
}

/** A refusal under `/v1`, answered as problem+json (RFC 9457). `detail` is for the caller. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly slug: ProblemSlug
  readonly detail: string
  readonly issues: readonly ValidationIssue[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    slug: ProblemSlug,
    detail: string,
    more: { issues?: readonly ValidationIssue[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(`${slug}: ${detail}`)
    this.status = status
    this.slug = slug
    this.detail = detail
    this.issues = more.issues ?? []
    this.headers = more.headers ?? {}
  }
}

export const unauthorized = (detail: string, challenge?: string, nonce?: string): Problem =>
  new Problem(401, 'unauthorized', detail, {
    headers: {
      ...(challenge !== undefined && { 'www-authenticate': challenge }),
      ...(nonce !== undefined && { 'dpop-nonce': nonce }),
    },
  })
export const forbidden = (detail: string): Problem => new Problem(403, 'forbidden', detail)
export const notFound = (detail: string): Problem => new Problem(404, 'not-found', detail)
/** What is wrong with a request, every problem of it: but a hundred are enough to begin with. */
export const validationError = (issues: readonly ValidationIssue[]): Problem => {
  const reported = issues.slice(0, 100)
  return new Problem(400, 'validation-error', reported.slice(0, 10).map(describeIssue).join(' '), { issues: reported })
}

/** Makes a scope answer errors as RFC 9457 wants them. `issuer` is where the types of problems are explained. */
export function setProblemErrorHandler(
  scope: FastifyInstance,
  options: ErrorHandlerOptions & { issuer: string },
): void {
  const { isUnavailable, issuer } = options
  scope.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, isUnavailable)
    logFailure(request, error, problem.status)
    if (error instanceof MethodNotAllowed) void reply.header('allow', error.allow.join(', '))
    return sendProblem(request, reply, problem, issuer)
  })
}

/** The problem that an error stands for. */
export function toProblem(error: unknown, isUnavailable: (error: unknown) => boolean): Problem {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    return validationError(
      error.validation.map(({ instancePath, keyword, message }) => ({
        path: instancePath
          .split('/')
          .slice(1)
          .map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        code: keyword,
        message: message ?? 'is not valid',
      })),
    )
  }
  if (error instanceof OAuthError && error.status === 401) {
    return unauthorized(error.description, error.challenge, error.nonce)
  }
  const { status, description, retryAfter } = failureOf(error, isUnavailable)
  return new Problem(status, slugOf(status), description, {
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  })
}

const SLUGS: Readonly<Record<number, ProblemSlug>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'content-too-large',
  415: 'unsupported-media-type',
  429: 'rate-limit',
  503: 'unavailable',
}

function slugOf(status: number): ProblemSlug {
  return SLUGS[status] ?? (status >= 500 ? 'internal-server-error' : 'bad-request')
}

/** Sends a problem. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
  issuer: string,
): FastifyReply {
  return reply
    .status(problem.status)
    .headers(problem.headers)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send(problemBody(problem, request.id, issuer))
}

/** RFC 9457 §3.1, of a request with this id. `message` repeats `detail`, since some clients read only that. */
export function problemBody(
  { status, slug, detail, issues }: Problem,
  requestId: string,
  issuer: string,
): Record<string, unknown> {
  return {
    type: `${issuer}/docs#problem-${slug}`,
    title: titleOf(slug),
    status,
    detail,
    message: detail,
    instance: requestId,
    ...(issues.length > 0 && { errors: issues }),
  }
}

function titleOf(slug: ProblemSlug): string {
  const words = slug.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function describeIssue({ path, message }: ValidationIssue): string {
  return `${path.join('.') || 'The body'}: ${message}.`
}
