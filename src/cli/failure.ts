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
  failedCheck: 9,
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
export function failureOf(status: number, body: unknown): Failure {
  const { title, detail, errors, error, error_description: description } = asRecord(body)
  const issues = Array.isArray(errors) ? errors.map(asRecord) : []
  const particulars = issues.map(({ path, message }) => `${pathOf(path)}: ${String(message)}`)
  // What a token endpoint refuses with 400 is an error about the client or its grant, told by its code.
  const ending = (error === 'invalid_client' && 'notSignedIn') || (endings[status] ?? 'failure')
  if (typeof error === 'string') {
    return new Failure(ending, typeof description === 'string' ? `${description} (${error})` : error)
  }
  const name = typeof title === 'string' ? title : 'The server refused'
  if (particulars.length > 0) return new Failure(ending, `${name} (${status})`, particulars)
  return new Failure(ending, typeof detail === 'string' ? `${name} (${status}): ${detail}` : `${name} (${status})`)
}

function pathOf(path: unknown): string {
  return Array.isArray(path) && path.length > 0 ? path.join('.') : 'The body'
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
