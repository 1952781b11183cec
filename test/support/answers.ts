import type { LightMyRequestResponse } from 'fastify'

/** What an error page says, and where it leads: nowhere, if all is well. */
export function readErrorPage(answer: LightMyRequestResponse) {
  const { statusCode: status, headers, body } = answer
  const code = /id="error-code"[^>]*><code>([^<]*)<\/code>/.exec(body)?.[1]
  return { status, code, location: headers.location }
}

/** The status, `error` and `Cache-Control` of an OAuth error in JSON (RFC 6749 §5.2). */
export function readOAuthError(answer: LightMyRequestResponse) {
  const { error } = answer.json<{ error?: string }>()
  return { status: answer.statusCode, error, cache: answer.headers['cache-control'] }
}

/** The parameters that the browser is sent on with, in the query or the fragment. Throws where one stands twice. */
export function readRedirect(answer: LightMyRequestResponse): Record<string, string> {
  const { location } = answer.headers
  if (location === undefined) throw new Error(`No redirect: ${answer.statusCode} ${answer.body.slice(0, 2000)}`)
  const { searchParams, hash } = new URL(location, 'https://nowhere.test')
  const parameters = [...(hash === '' ? searchParams : new URLSearchParams(hash.slice(1)))]
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) throw new Error(`Repeated: ${location}`)
  return Object.fromEntries(parameters)
}
