import { randomToken, uuidv7 } from '../../lib/crypto/random.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { Sealer } from '../../lib/crypto/sealer.ts'
import type { ClientSecret } from '../../model/clients/client-secret.ts'

/** Generates client secrets, and decrypts those that verify signatures. */
export interface ClientSecrets {
  /** A secret of 256 bits: `shown` is returned once, `stored` is kept. With `signs` it is stored encrypted, not only hashed. */
  generate(signs: boolean, now: Date): { shown: string; stored: ClientSecret }
  /** The secret in plaintext; undefined where only its hash is stored. */
  open(secret: ClientSecret): Buffer | undefined
}

export function createClientSecrets(sealer: Sealer): ClientSecrets {
  return {
    generate(signs, now) {
      const id = uuidv7(now)
      const shown = `secret_${randomToken()}`
      const sealedSecret = signs ? sealer.seal(Buffer.from(shown), associatedData(id)) : null
      return { shown, stored: { id, secretHash: sha256(shown), sealedSecret, expiresAt: null } }
    },
    open: ({ id, sealedSecret }) => (sealedSecret === null ? undefined : sealer.open(sealedSecret, associatedData(id))),
  }
}

function associatedData(id: string): string {
  return `client_secrets/${id}`
}
