import { createHmac } from 'node:crypto'
import type { PublishedEvent } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { now } from '../system/clock.ts'
import { randomBase64 } from '../system/random.ts'
import { send } from './send.ts'

const SECRET_PREFIX = 'whsec_'

/** A secret in the form of those of webhooks. */
export function createWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBase64()}`
}

/** Sends an event as a webhook of the server would, with the headers of Standard Webhooks. Returns the status. */
export async function forwardEvent(url: URL, event: PublishedEvent, secret: string): Promise<number> {
  const body = JSON.stringify(event)
  const timestamp = String(Math.floor(now().getTime() / 1000))
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
  const signature = createHmac('sha256', key).update(`${event.id}.${timestamp}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Cerberus-Webhooks/1.0',
    'x-cerberus-event': event.type,
    'webhook-id': event.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
  const { status } = await send(url.origin, { method: 'POST', path: `${url.pathname}${url.search}`, headers, body })
  return status
}

/** Throws a usage failure for anything but a secret of a webhook. */
export function requireWebhookSecret(secret: string): string {
  if (secret.startsWith(SECRET_PREFIX) && secret.length > SECRET_PREFIX.length) return secret
  throw new Failure('usage', `--secret must begin with ${SECRET_PREFIX}.`)
}
