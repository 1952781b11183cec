import { hmacSha256 } from '../lib/crypto/hash.ts'
import { epochSeconds } from '../lib/time/clock.ts'
import { SECRET_PREFIX } from './webhook-secrets.ts'

export interface SignedDelivery {
  /** The id of the event, the same in every attempt. */
  eventId: string
  event: string
  deliveryId: string
  /** JSON, as it is sent. */
  body: string
}

/**
 * The headers of a delivery, signed with each secret (docs/webhooks.md). Standard Webhooks and `X-Cerberus-Signature-V1` sign the
 * time as well and have a signature per secret. `X-Cerberus-Signature` has room for one, which is that of the first secret.
 */
export function deliveryHeaders(
  { eventId, event, deliveryId, body }: SignedDelivery,
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  const [current = ''] = secrets
  const timestamp = String(epochSeconds(now))
  const bodySignature = hmacSha256(Buffer.from(current), body).toString('hex')
  const timestamped = secrets.map(
    (secret) => `v1=${hmacSha256(Buffer.from(secret), `${timestamp}.${body}`).toString('hex')}`,
  )
  const standard = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    return `v1,${hmacSha256(key, `${eventId}.${timestamp}.${body}`).toString('base64')}`
  })
  return {
    'content-type': 'application/json',
    'user-agent': 'Cerberus-Webhooks/1.0',
    'x-cerberus-event': event,
    'x-cerberus-delivery': deliveryId,
    'x-cerberus-signature': bodySignature,
    'x-cerberus-signature-v1': [`t=${timestamp}`, ...timestamped].join(','),
    'x-webhook-event': event,
    'x-webhook-signature': bodySignature,
    'webhook-id': eventId,
    'webhook-timestamp': timestamp,
    'webhook-signature': standard.join(' '),
  }
}
