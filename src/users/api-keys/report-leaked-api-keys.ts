import { createAuditEvent } from '../../audit/catalogue.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { ApiKeyRepository } from '../../model/api-keys/api-key.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { isApiKey } from './api-key-format.ts'

export interface LeakedApiKeyServices {
  apiKeys: Pick<ApiKeyRepository, 'revokeLeaked'>
  clock: Clock
}

/** Revokes those of these texts that are keys. Where they were found goes into the audit events. */
export async function reportLeakedApiKeys(
  { apiKeys, clock }: LeakedApiKeyServices,
  { keys, foundAt }: { keys: readonly string[]; foundAt: string | undefined },
  requestMetadata: RequestMetadata,
): Promise<void> {
  const hashes = [...new Set(keys)].filter(isApiKey).map((key) => sha256(key))
  if (hashes.length === 0) return
  await apiKeys.revokeLeaked(hashes, clock.now(), ({ id, organisationId, userId, name, prefix }) =>
    createAuditEvent(clock, 'api_key.leaked', {
      organisationId,
      userId: userId ?? undefined,
      requestMetadata,
      resource: { type: 'api_key', id },
      metadata: { name, prefix, ...(foundAt !== undefined && { foundAt }) },
    }),
  )
}
