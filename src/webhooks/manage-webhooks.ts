import { fieldChanges, secretChange } from '../audit/field-changes.ts'
import { withOptimisticRetry, type UpdateConditions } from '../lib/concurrency/optimistic-update.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import { Conflict, InvalidInput } from '../lib/domain-error.ts'
import { addSeconds } from '../lib/time/clock.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import {
  MAX_ENDPOINTS_PER_ORGANISATION,
  type WebhookEndpoint,
  type WebhookSettings,
  type WebhookSettingsChange,
} from '../model/webhooks/webhook.ts'
import { findWebhook, webhookDryRun, webhookEvent, type WebhookDryRun, type WebhookManagement } from './find-webhook.ts'

/** An endpoint with its secret, which exists only in the response that makes it. */
export interface IssuedWebhook {
  endpoint: WebhookEndpoint
  secret: string
}

/** Creates an endpoint. Throws `InvalidInput` for a URL to which nothing is sent and an unknown client, and `Conflict`. */
export async function createWebhook(
  services: WebhookManagement,
  context: AdminContext,
  wanted: WebhookSettings,
  { dryRun }: Pick<UpdateConditions, 'dryRun'>,
): Promise<IssuedWebhook | WebhookDryRun> {
  const { webhooks, webhookSecrets, clock } = services
  const settings = await validated(services, context, wanted)
  const changes = fieldChanges(undefined, settings)
  if (dryRun) return webhookDryRun(changes)
  const id = uuidv7(clock.now())
  const { shown, sealed } = webhookSecrets.generate(id)
  const secrets = { sealedSecret: sealed, sealedPreviousSecret: null, previousSecretExpiresAt: null }
  const endpoint = { id, organisationId: context.organisationId, ...settings, ...secrets }
  const event = webhookEvent(services, context, 'webhook.created', endpoint, { changes })
  if (!(await webhooks.create(endpoint, event)))
    throw new Conflict(`The organisation has ${MAX_ENDPOINTS_PER_ORGANISATION} webhooks, which is the maximum.`)
  return { endpoint: await findWebhook(services, context, id), secret: shown }
}

/** Changes settings. One that is enabled starts without failures. Throws as `createWebhook`, and `PreconditionFailed`. */
export function updateWebhook(
  services: WebhookManagement,
  context: AdminContext,
  id: string,
  wanted: WebhookSettingsChange,
  conditions: UpdateConditions,
): Promise<WebhookEndpoint | WebhookDryRun> {
  const find = () => findWebhook(services, context, id)
  return withOptimisticRetry<WebhookEndpoint, WebhookEndpoint | WebhookDryRun>(find, conditions, async (endpoint) => {
    const change = await validated(services, context, wanted)
    const changes = fieldChanges(endpoint, change)
    if (conditions.dryRun) return webhookDryRun(changes)
    if (changes.length === 0) return endpoint
    const event = webhookEvent(services, context, 'webhook.updated', endpoint, { changes })
    const wasUpdated = await services.webhooks.update(endpoint, onlyChanged(change, endpoint), event)
    if (!wasUpdated) return undefined
    // What waited for an endpoint that was disabled is due.
    services.webhookDelivery.flush()
    return findWebhook(services, context, id)
  })
}

/** Deletes an endpoint with its deliveries. Throws `WebhookNotFound` and `PreconditionFailed`. */
export function deleteWebhook(
  services: WebhookManagement,
  context: AdminContext,
  id: string,
  conditions: UpdateConditions,
): Promise<WebhookDryRun | 'deleted'> {
  const find = () => findWebhook(services, context, id)
  return withOptimisticRetry<WebhookEndpoint, WebhookDryRun | 'deleted'>(find, conditions, async (endpoint) => {
    const changes = fieldChanges(settingsOf(endpoint), undefined)
    if (conditions.dryRun) return webhookDryRun(changes)
    const event = webhookEvent(services, context, 'webhook.deleted', endpoint, { changes })
    return (await services.webhooks.delete(endpoint, event)) ? 'deleted' : undefined
  })
}

/**
 * Gives an endpoint a new secret. The one before it also signs for `overlapSeconds`; one before that no longer does. Throws
 * `WebhookNotFound` and `PreconditionFailed`.
 */
export function rotateWebhookSecret(
  services: WebhookManagement,
  context: AdminContext,
  id: string,
  overlapSeconds: number,
  conditions: Pick<UpdateConditions, 'acceptsVersion'>,
): Promise<IssuedWebhook> {
  const { clock, webhooks, webhookSecrets } = services
  const find = () => findWebhook(services, context, id)
  return withOptimisticRetry<WebhookEndpoint, IssuedWebhook>(find, conditions, async (endpoint) => {
    const { shown, sealed } = webhookSecrets.generate(id)
    const previousSecretExpiresAt = addSeconds(clock.now(), overlapSeconds)
    const secrets = {
      sealedSecret: sealed,
      sealedPreviousSecret: overlapSeconds > 0 ? endpoint.secrets.sealedSecret : null,
      previousSecretExpiresAt: overlapSeconds > 0 ? previousSecretExpiresAt : null,
    }
    const event = webhookEvent(services, context, 'webhook.secret_rotated', endpoint, {
      metadata: { overlapSeconds },
      changes: [secretChange('secret')],
    })
    if (!(await webhooks.update(endpoint, secrets, event))) return undefined
    return { endpoint: await findWebhook(services, context, id), secret: shown }
  })
}

const settingsOf = ({ url, description, events, clientId, ordered, isActive }: WebhookEndpoint): WebhookSettings => ({
  url,
  description,
  events,
  clientId,
  ordered,
  isActive,
})

/** Without `isActive` where that stays, because setting it makes the endpoint forget its failures. */
function onlyChanged(change: WebhookSettingsChange, endpoint: WebhookEndpoint): WebhookSettingsChange {
  const { isActive, ...rest } = change
  return isActive === undefined || isActive === endpoint.isActive ? rest : change
}

/** The settings with the client as its row id. */
async function validated<Settings extends WebhookSettingsChange>(
  { urlRejection, webhooks }: WebhookManagement,
  { organisationId }: AdminContext,
  settings: Settings,
): Promise<Settings> {
  const { url, clientId } = settings
  const rejection = url === undefined ? undefined : urlRejection(url)
  if (rejection !== undefined)
    throw new InvalidInput([{ path: ['url'], code: 'custom', message: `cannot be used: ${rejection}` }])
  if (clientId === undefined || clientId === null) return settings
  const found = await webhooks.findClientId(organisationId, clientId)
  if (found === undefined)
    throw new InvalidInput([{ path: ['clientId'], code: 'custom', message: 'is not a client of the organisation' }])
  return { ...settings, clientId: found }
}
