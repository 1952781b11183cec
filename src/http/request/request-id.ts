import { randomBase64url } from '../../lib/random.ts'

/** The id of a request in logs, audit events and responses: its `X-Request-ID` when that is valid, else a random one. */
export function requestId(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : `req_${randomBase64url(12)}`
}
