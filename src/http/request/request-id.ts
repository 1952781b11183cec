import { randomBase64url } from '../../lib/random.ts'

/** The id that a request is known by in logs, events and answers: its own `X-Request-ID` where that is sound. */
export function requestId(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : `req_${randomBase64url(12)}`
}
