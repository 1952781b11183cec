// `transport` turns requests, which are plain values, into HTTP and responses into values or errors. It does not know which
// requests the management API has: those are in `resources`.

/**
 * A request to the server as a plain value: it can be sent, shown as curl, or turned into a dry run. `Result` is the type
 * of the body that a successful response has.
 */
export interface ApiRequest<Result = unknown> {
  method: string
  /** With its query. */
  path: string
  headers?: Readonly<Record<string, string>>
  /** As sent. */
  body?: string
  /** Never set: it carries the type `Result`. */
  readonly result?: Result
}

export interface ApiResponse<Result = unknown> {
  status: number
  headers: Headers
  /** JSON is parsed, other text is a string, an empty body is undefined. */
  body: Result
}

/** Parameters of a query. Undefined ones are left out. */
export type Query = Readonly<Record<string, string | undefined>>

/** A path with its query. */
export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${path}?${new URLSearchParams(given).toString()}` : path
}

/** The headers and the body of a request that sends JSON. */
export function jsonBody(
  body: unknown,
  type = 'application/json',
): { headers: Readonly<Record<string, string>>; body: string } {
  return { headers: { 'content-type': type }, body: JSON.stringify(body) }
}

/** The request with the precondition that the resource still has this entity tag (RFC 9110 §13.1.1). */
export function ifMatch<Result>(request: ApiRequest<Result>, etag: string | undefined): ApiRequest<Result> {
  return etag === undefined ? request : { ...request, headers: { ...request.headers, 'if-match': etag } }
}
