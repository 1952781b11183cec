import { equalInConstantTime, sha256 } from '../../../lib/crypto/hash.ts'
import type { RegisteredClient } from '../../../model/clients/client-cache.ts'
import type { ClientCredentials, VerificationContext, VerificationResult } from './method.ts'

const DUMMY_SECRETS = [{ id: '', secretHash: sha256('no client has this secret'), expiresAt: null }]

/** Whether the credentials have one of the client's valid secrets. Compares all of them, so that timing reveals nothing. */
export function verifySecret(
  credentials: ClientCredentials,
  client: RegisteredClient | undefined,
  { now }: Pick<VerificationContext, 'now'>,
): VerificationResult {
  if (credentials.kind !== 'credentials' || credentials.secret === undefined) return false
  const hash = sha256(credentials.secret)
  let result: VerificationResult = false
  for (const { id, secretHash, expiresAt } of client?.secrets ?? DUMMY_SECRETS) {
    const matches = equalInConstantTime(hash, secretHash)
    if (matches && (expiresAt === null || expiresAt > now)) result = { secretId: id }
  }
  return client !== undefined && result
}
