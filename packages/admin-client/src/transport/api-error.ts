import { isObject } from '../json.ts'

/** What went wrong, independent of the status code. */
export type ApiErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'invalid'
  /** No response, or one that asks to retry later. */
  | 'unreachable'
  | 'failure'

/** One problem of the request. `message` completes the sentence that begins with the path. */
export interface Issue {
  path: readonly (string | number)[]
  message: string
}

export interface ApiErrorOptions {
  kind: ApiErrorKind
  message: string
  /** Undefined: there was no response. */
  status?: number
  issues?: readonly Issue[]
  retryAfter?: number | undefined
}

/** A request that the server rejected or did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly kind: ApiErrorKind
  readonly status: number | undefined
  readonly issues: readonly Issue[]
  /** Seconds after which the server accepts a retry; undefined: it named no time. */
  readonly retryAfter: number | undefined

  constructor({ kind, message, status, issues = [], retryAfter }: ApiErrorOptions) {
    super(message)
    this.kind = kind
    this.status = status
    this.issues = issues
    this.retryAfter = retryAfter
  }

  /** Each issue as a sentence of its own. */
  get details(): string[] {
    return this.issues.map(({ path, message }) => `${path.join('.') || 'The body'}: ${message}`)
  }
}

const kinds: Readonly<Record<number, ApiErrorKind>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  412: 'conflict',
  413: 'invalid',
  415: 'invalid',
  429: 'unreachable',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
}

/** The error in a response: a problem (RFC 9457), an OAuth error (RFC 6749 §5.2), or the status alone. */
export function createApiError(status: number, body: unknown, retryAfter?: number): ApiError {
  const { title, detail, errors, error, error_description: description } = isObject(body) ? body : {}
  const kind = kinds[status] ?? 'failure'
  if (typeof error === 'string') {
    // A token endpoint answers 400 to errors of the client and of the grant alike: the code distinguishes them.
    return new ApiError({
      kind: error === 'invalid_client' ? 'unauthenticated' : kind,
      message: typeof description === 'string' ? `${description} (${error})` : error,
      status,
    })
  }
  const issues = Array.isArray(errors) ? errors.map(readIssue) : []
  const name = `${typeof title === 'string' ? title : 'The server rejected the request'} (${status})`
  const message = issues.length === 0 && typeof detail === 'string' ? `${name}: ${detail}` : name
  return new ApiError({ kind, message, status, issues, retryAfter })
}

function readIssue(value: unknown): Issue {
  const { path, message } = isObject(value) ? value : {}
  return { path: Array.isArray(path) ? (path as (string | number)[]) : [], message: String(message) }
}
