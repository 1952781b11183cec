import type { Clock } from '../lib/time/clock.ts'
import { randomBytes } from '../lib/crypto/random.ts'
import type { Sealer } from '../lib/crypto/sealer.ts'
import type { ServerSecretRepository } from '../model/keys/server-secret.ts'

const NAME = 'server'
const ASSOCIATED_DATA = `server_secrets/${NAME}`

/** Opens the server secret, or creates it on first use. Reseals it if it was sealed under a previous master key. */
export async function openServerSecret(
  repository: ServerSecretRepository,
  sealer: Sealer,
  clock: Clock,
): Promise<Buffer> {
  const sealed = await repository.findOrCreate(NAME, () => sealer.seal(randomBytes(32), ASSOCIATED_DATA), clock.now())
  const secret = sealer.open(sealed, ASSOCIATED_DATA)
  if (!sealer.isCurrent(sealed)) await repository.replace(NAME, sealed, sealer.seal(secret, ASSOCIATED_DATA))
  return secret
}
