import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import type { AuditEventType } from '../audit/catalogue.ts'
import { NotFound } from '../lib/domain-error.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { AuditChange, AuditEvent } from '../model/audit/audit-event.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { WebhookDeliveryLog, WebhookEndpoint, WebhookRepository } from '../model/webhooks/webhook.ts'
import type { SafeFetch } from '../safe-fetch/safe-fetch.ts'
import type { WebhookDeliverer } from './webhook-delivery.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'

export interface WebhookManagement {
  webhooks: WebhookRepository
  webhookDeliveryLog: WebhookDeliveryLog
  webhookSecrets: WebhookSecrets
  /** Why no request is ever sent to a URL. */
  urlRejection: SafeFetch['rejectionOf']
  webhookDelivery: Pick<WebhookDeliverer, 'flush' | 'deliverTest'>
  clock: Clock
}

export class WebhookNotFound extends NotFound {
  override readonly name = 'WebhookNotFound'

  constructor() {
    super('There is no such webhook.')
  }
}

/** Throws `WebhookNotFound`. */
export async function findWebhook(
  { webhooks }: { webhooks: Pick<WebhookRepository, 'find'> },
  { organisationId }: AdminContext,
  id: string,
): Promise<WebhookEndpoint> {
  const endpoint = await webhooks.find({ id, organisationId })
  if (!endpoint) throw new WebhookNotFound()
  return endpoint
}

/** What a change would do to an endpoint. `from` is absent for a new one, `to` for one that would be deleted. */
export interface WebhookDryRun {
  dryRun: true
  changes: { member: string; from?: unknown; to?: unknown }[]
  warnings: never[]
}

export const webhookDryRun = (changes: readonly AuditChange[]): WebhookDryRun => ({
  dryRun: true,
  changes: changes.map(({ field, ...values }) => ({ member: field, ...values })),
  warnings: [],
})

/** The audit event of an act on an endpoint. */
export function webhookEvent(
  { clock }: Pick<WebhookManagement, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id, url }: Pick<WebhookEndpoint, 'id' | 'url'>,
  { metadata, changes }: { metadata?: Readonly<Record<string, unknown>>; changes?: readonly AuditChange[] } = {},
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'webhook', id },
    metadata: { url, ...metadata },
    changes,
  })
}
