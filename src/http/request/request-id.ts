import { randomBase64url } from '../../lib/crypto/random.ts'

/**
 * The id of a request in logs, audit events, recorded failures and responses. It is unique whatever the caller sends: a
 * valid `X-Request-ID` is followed by a random part.
 */
export function requestId(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const given = headers['x-request-id']
  const prefix = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : 'req'
  return `${prefix}_${randomBase64url(12)}`
}
