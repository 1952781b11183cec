import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { Conflict, Denied, DomainError, InvalidInput, NotFound, PreconditionFailed } from '../../lib/domain-error.ts'
import { UnacceptableJson } from '../../lib/json.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { failureOf } from './failure.ts'
import { logFailure } from './log-failure.ts'
import type { ErrorHandlerOptions } from './oauth-error-handler.ts'
import {
  conflict,
  forbidden,
  notFound,
  Problem,
  problemBody,
  unauthorized,
  validationError,
  type ProblemSlug,
} from './problem.ts'
import { withResourceMetadata } from './resource-challenge.ts'
import { MethodNotAllowed } from './request-errors.ts'

export interface ProblemErrorHandlerOptions extends ErrorHandlerOptions {
  /** The origin of the page that explains the types of problems. */
  issuer: string
}

/** Sends the errors of a scope as problem+json (RFC 9457). */
export function setProblemErrorHandler(
  scope: FastifyInstance,
  { isUnavailable, issuer }: ProblemErrorHandlerOptions,
): void {
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
  const domainProblem = error instanceof DomainError ? problemOfDomainError(error) : undefined
  if (domainProblem) return domainProblem
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
  if (error instanceof UnacceptableJson && error.code !== 'malformed') {
    const { path, code, message } = error
    return validationError([{ path, code, message }])
  }
  if (error instanceof OAuthError && error.status === 401) {
    return unauthorized(error.description, error.challenge, error.nonce)
  }
  const { status, description, retryAfter } = failureOf(error, isUnavailable)
  return new Problem(status, slugOf(status), description, {
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  })
}

/** The problem of an error that a domain service threw; undefined for a kind that has no status of its own. */
function problemOfDomainError(error: DomainError): Problem | undefined {
  if (error instanceof InvalidInput) return validationError(error.issues)
  if (error instanceof NotFound) return notFound(error.message)
  if (error instanceof Conflict) return conflict(error.message)
  if (error instanceof Denied) return forbidden(error.message)
  if (error instanceof PreconditionFailed) return new Problem(412, 'precondition-failed', error.message)
  return undefined
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

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: Problem,
  issuer: string,
): FastifyReply {
  const challenge = problem.headers['www-authenticate']
  return reply
    .status(problem.status)
    .headers({
      ...problem.headers,
      ...(challenge !== undefined && { 'www-authenticate': withResourceMetadata(challenge, issuer) }),
    })
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send(problemBody(problem, request.id, issuer))
}
