import { createAuditEvent, internalRequestMetadata } from '../../audit/catalogue.ts'
import type { Sealer } from '../../lib/crypto/sealer.ts'
import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import { composeMail } from '../../mail/mailer.ts'
import type { ApiKeyRepository } from '../../model/api-keys/api-key.ts'
import { chooseLocale } from '../../pages/messages/locale.ts'

/** How long before its expiry a key is announced. */
const NOTICE_SECONDS = 7 * 86_400
const BATCH_SIZE = 100
const MAX_BATCHES = 1_000

export interface ApiKeyExpiryServices {
  apiKeys: Pick<ApiKeyRepository, 'announceExpiring'>
  clock: Clock
  /** Encrypts what mails say. Undefined where no mail is sent. */
  mailSealer: Pick<Sealer, 'seal'> | undefined
}

/**
 * Announces keys that expire within a week, once for each key: by an event, and to its user by mail where mail is sent.
 */
export async function announceExpiringApiKeys(
  { apiKeys, clock, mailSealer }: ApiKeyExpiryServices,
  now: Date,
): Promise<void> {
  const before = addSeconds(now, NOTICE_SECONDS)
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const announced = await apiKeys.announceExpiring(now, before, BATCH_SIZE, (key) => {
      const { id, organisationId, name, prefix, email } = key
      const userId = key.userId ?? undefined
      const expiresAt = key.expiresAt.toISOString()
      return {
        event: createAuditEvent(clock, 'api_key.expires_soon', {
          organisationId,
          userId,
          requestMetadata: internalRequestMetadata,
          resource: { type: 'api_key', id },
          metadata: { name, prefix, expiresAt },
        }),
        mail:
          mailSealer && email !== null
            ? composeMail(
                { sealer: mailSealer, clock },
                {
                  template: 'api_key_expires',
                  organisationId,
                  userId,
                  recipient: email,
                  language: chooseLocale(key.language ?? undefined, undefined),
                  parameters: { organisation: key.organisationName, name, prefix, expiresAt },
                  usableUntil: key.expiresAt,
                },
              )
            : undefined,
      }
    })
    if (announced < BATCH_SIZE) return
  }
}
