import { randomBytes } from '../lib/crypto/random.ts'
import type { Sealer } from '../lib/crypto/sealer.ts'
import type { SealedWebhookSecrets, WebhookReference } from '../model/webhooks/webhook.ts'

/** Generates the secrets of webhooks, and decrypts those that sign. */
export interface WebhookSecrets {
  /** `whsec_` and 256 bits in base64, as Standard Webhooks writes secrets. `shown` is returned once. */
  generate(endpointId: string): { shown: string; sealed: Uint8Array }
  /** The secrets that sign at this time, the current one first. */
  open(endpointId: WebhookReference['id'], secrets: SealedWebhookSecrets, now: Date): string[]
}

const SECRET_BYTES = 32
export const SECRET_PREFIX = 'whsec_'

export function createWebhookSecrets(sealer: Sealer): WebhookSecrets {
  return {
    generate(endpointId) {
      const shown = `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`
      return { shown, sealed: sealer.seal(Buffer.from(shown), associatedData(endpointId)) }
    },
    open(endpointId, { sealedSecret, sealedPreviousSecret, previousSecretExpiresAt }, now) {
      const previousSigns = previousSecretExpiresAt !== null && previousSecretExpiresAt > now
      const sealed = previousSigns && sealedPreviousSecret ? [sealedSecret, sealedPreviousSecret] : [sealedSecret]
      return sealed.map((secret) => sealer.open(secret, associatedData(endpointId)).toString())
    },
  }
}

const associatedData = (endpointId: string) => `webhook_endpoints/${endpointId}`
