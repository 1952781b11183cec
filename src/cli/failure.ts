/** How the command ends. The numbers are promised in docs/cli.md: scripts go by them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notSignedIn: 3,
  refused: 4,
  notFound: 5,
  conflict: 6,
  unreachable: 7,
  invalid: 8,
  differs: 10,
} as const
export type Ending = keyof typeof exitCodes

/** Why the command could not do what it was asked to, for the person who asked: a line, and one for each particular. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly ending: Ending
  readonly particulars: readonly string[]

  constructor(ending: Ending, message: string, particulars: readonly string[] = []) {
    super(message)
    this.ending = ending
    this.particulars = particulars
  }
}

/** Something that is wrong with what was sent. `message` completes the sentence that begins with the path. */
export interface Issue {
  path: readonly (string | number)[]
  message: string
}

/** What a server refused, and why. */
export class Refusal extends Failure {
  readonly status: number
  readonly issues: readonly Issue[]
  /** In how many seconds it may be asked again; undefined where it did not say so. */
  readonly retryAfter: number | undefined

  constructor(status: number, message: string, issues: readonly Issue[], retryAfter: number | undefined) {
    const particulars = issues.map(({ path, message: said }) => `${path.join('.') || 'The body'}: ${said}`)
    super(endings[status] ?? 'failure', message, particulars)
    this.status = status
    this.issues = issues
    this.retryAfter = retryAfter
  }
}

const endings: Readonly<Record<number, Ending>> = {
  401: 'notSignedIn',
  403: 'refused',
  404: 'notFound',
  409: 'conflict',
  412: 'conflict',
  429: 'unreachable',
  502: 'unreachable',
  503: 'unreachable',
  504: 'unreachable',
  400: 'invalid',
  413: 'invalid',
  415: 'invalid',
}

/** What an answer that refuses says: a problem (RFC 9457), an OAuth error (RFC 6749 §5.2), or a status alone. */
export function failureOf(status: number, body: unknown, retryAfter?: number): Failure {
  const { title, detail, errors, error, error_description: description } = asRecord(body)
  if (typeof error === 'string') {
    // What a token endpoint refuses with 400 is an error about the client or its grant, told by its code.
    const ending = (error === 'invalid_client' && 'notSignedIn') || (endings[status] ?? 'failure')
    return new Failure(ending, typeof description === 'string' ? `${description} (${error})` : error)
  }
  const issues = Array.isArray(errors) ? errors.map(asRecord).map(readIssue) : []
  const name = `${typeof title === 'string' ? title : 'The server refused'} (${status})`
  const said = issues.length === 0 && typeof detail === 'string' ? `${name}: ${detail}` : name
  return new Refusal(status, said, issues, retryAfter)
}

function readIssue({ path, message }: Record<string, unknown>): Issue {
  return { path: Array.isArray(path) ? (path as (string | number)[]) : [], message: String(message) }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
