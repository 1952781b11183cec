import type { Signer } from '../../keys/signer.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { ApiKeyRepository } from '../../model/api-keys/api-key.ts'

export interface ApiKeyTokenReadOptions {
  issuer: string
  clock: Clock
  verify: Signer['verify']
  apiKeys: Pick<ApiKeyRepository, 'isUsable'>
}

/** The claims of a token that was issued for an API key, while both are active; undefined for anything else. */
export async function findApiKeyToken(
  token: string,
  { issuer, clock, verify, apiKeys }: ApiKeyTokenReadOptions,
): Promise<(Readonly<Record<string, unknown>> & { org_id: string }) | undefined> {
  const claims = await verify(token, 'token of an API key')
  const now = clock.now()
  const { iss, exp, client_id: id, org_id: organisationId } = claims ?? {}
  if (iss !== issuer || typeof exp !== 'number' || exp * 1000 <= now.getTime()) return undefined
  if (typeof id !== 'string' || typeof organisationId !== 'string') return undefined
  return (await apiKeys.isUsable({ id, organisationId }, now)) ? { ...claims, org_id: organisationId } : undefined
}
