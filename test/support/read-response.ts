import type { LightMyRequestResponse } from 'fastify'

/** What an error page says, and where it leads: nowhere, if all is well. */
export function readErrorPage(response: LightMyRequestResponse) {
  const { statusCode: status, headers, body } = response
  const code = /id="error-code"[^>]*><code>([^<]*)<\/code>/.exec(body)?.[1]
  return { status, code, location: headers.location }
}

/** The status, `error` and `Cache-Control` of an OAuth error in JSON (RFC 6749 §5.2). */
export function readOAuthError(response: LightMyRequestResponse) {
  const { error } = response.json<{ error?: string }>()
  return { status: response.statusCode, error, cache: response.headers['cache-control'] }
}

/** The parameters that the browser is sent on with, in the query or the fragment. Throws where one stands twice. */
export function readRedirect(response: LightMyRequestResponse): Record<string, string> {
  const { location } = response.headers
  if (location === undefined) throw new Error(`No redirect: ${response.statusCode} ${response.body.slice(0, 2000)}`)
  const { searchParams, hash } = new URL(location, 'https://nowhere.test')
  const parameters = [...(hash === '' ? searchParams : new URLSearchParams(hash.slice(1)))]
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) throw new Error(`Repeated: ${location}`)
  return Object.fromEntries(parameters)
}
