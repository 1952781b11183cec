import { excerpt } from '../../lib/text/excerpt.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'

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

/** An error response under `/v1`, sent as problem+json (RFC 9457). `detail` is for the caller. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly slug: ProblemSlug
  readonly detail: string
  readonly issues: readonly ValidationIssue[]
  readonly headers: Readonly<Record<string, string>>
  /** Extension members of the body (RFC 9457 §3.2). */
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(
    status: number,
    slug: ProblemSlug,
    detail: string,
    more: {
      issues?: readonly ValidationIssue[]
      headers?: Readonly<Record<string, string>>
      extensions?: Readonly<Record<string, unknown>>
    } = {},
  ) {
    super(`${slug}: ${detail}`)
    this.status = status
    this.slug = slug
    this.detail = detail
    this.issues = more.issues ?? []
    this.headers = more.headers ?? {}
    this.extensions = more.extensions ?? {}
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
export const conflict = (detail: string): Problem => new Problem(409, 'conflict', detail)
export const notFound = (detail: string): Problem => new Problem(404, 'not-found', detail)

const MAX_REPORTED_ISSUES = 100
const MAX_ISSUES_IN_DETAIL = 10

/** All invalid values of a request, at most 100 of them. The first ten are repeated in `detail`. */
export const validationError = (issues: readonly ValidationIssue[]): Problem => {
  const reported = issues.slice(0, MAX_REPORTED_ISSUES).map(shorten)
  const detail = reported.slice(0, MAX_ISSUES_IN_DETAIL).map(describeIssue).join(' ')
  return new Problem(400, 'validation-error', detail, { issues: reported })
}

const MAX_MESSAGE_LENGTH = 500
const MAX_PATH_LENGTH = 30

/** An issue that repeats at most the beginning of long names that the caller sent. */
function shorten({ path, code, message }: ValidationIssue): ValidationIssue {
  const shortPath = path
    .slice(0, MAX_PATH_LENGTH)
    .map((member) => (typeof member === 'string' ? excerpt(member) : member))
  return { path: shortPath, code, message: excerpt(message, MAX_MESSAGE_LENGTH) }
}

/** The body of RFC 9457 §3.1. `issuer` serves the page that `type` links to. `message` repeats `detail` for clients that read only it. */
export function problemBody(
  { status, slug, detail, issues, extensions }: Problem,
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
    ...extensions,
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
