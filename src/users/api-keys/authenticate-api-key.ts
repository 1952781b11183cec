import type { Clock } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { isInNetworks, type NetworkAddress } from '../../lib/network-address.ts'
import type { ActiveApiKey, ApiKeyRepository } from '../../model/api-keys/api-key.ts'
import { isApiKey } from './api-key-format.ts'

export interface ApiKeyAuthentication {
  apiKeys: Pick<ApiKeyRepository, 'findActive' | 'recordUse'>
  clock: Clock
}

/** Uses within this time are noted once. */
const USE_INTERVAL_MS = 60_000

/**
 * The active key that a request presents; undefined for a key that is unknown, has ended, or may not be used from this
 * address. Whether its owner is active is for the caller to decide.
 */
export async function authenticateApiKey(
  { apiKeys, clock }: ApiKeyAuthentication,
  text: string,
  address: NetworkAddress,
): Promise<ActiveApiKey | undefined> {
  if (!isApiKey(text)) return undefined
  const now = clock.now()
  const apiKey = await apiKeys.findActive(sha256(text), now)
  if (!apiKey) return undefined
  if (apiKey.allowedAddresses.length > 0 && !isInNetworks(address, apiKey.allowedAddresses)) return undefined
  const { lastUsedAt } = apiKey
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= USE_INTERVAL_MS)
    await apiKeys.recordUse(apiKey, address.text, now)
  return apiKey
}
