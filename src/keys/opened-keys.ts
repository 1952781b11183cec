import { CannotUnseal, type Sealer } from '../lib/crypto/sealer.ts'
import type { StoredKey } from '../model/keys/signing-key.ts'
import {
  currentKey,
  openDecryptionKey,
  openSigningKey,
  openVerificationKey,
  isSigning,
  type DecryptionKey,
  type SigningKey,
} from './key-set.ts'

/** A stored key whose private half cannot be read: damaged, or encrypted under another master key. */
export interface UnreadableKey {
  kid: string
  alg: StoredKey['alg']
  reason: string
}

/** The stored keys, by what they can be used for. */
export interface OpenedKeys {
  signing: SigningKey[]
  decryption: DecryptionKey[]
  /** Keys that have signed, whose private half is unreadable. Their tokens stay valid. */
  verificationOnly: Pick<SigningKey, 'kid' | 'alg' | 'publicKey'>[]
  unreadable: UnreadableKey[]
}

/**
 * Opens the stored keys, and keeps those that `known` has opened already. One that cannot be read does not stop the
 * others, unless it signs now: another key must not take over unnoticed. Throws `CannotUnseal` for that one, and if none
 * can be read, because the master key is another one.
 */
export async function openKeys(
  stored: readonly StoredKey[],
  known: OpenedKeys,
  sealer: Sealer,
  now: Date,
): Promise<OpenedKeys> {
  const opened: OpenedKeys = { signing: [], decryption: [], verificationOnly: [], unreadable: [] }
  const failures: unknown[] = []
  const rows = await Promise.all(
    stored.map(async (row) => ({ row, key: await openKey(row, known, sealer).catch((error: unknown) => ({ error })) })),
  )
  for (const { row, key } of rows) {
    if ('error' in key) {
      failures.push(key.error)
      const reason = key.error instanceof Error ? key.error.message : String(key.error)
      opened.unreadable.push({ kid: row.kid, alg: row.alg, reason })
      const verificationKey = row.activatesAt <= now ? await openVerificationKey(row).catch(() => undefined) : undefined
      if (verificationKey) opened.verificationOnly.push(verificationKey)
    } else if ('headers' in key) opened.signing.push({ ...key, activatesAt: row.activatesAt })
    else opened.decryption.push({ ...key, activatesAt: row.activatesAt })
  }
  if (stored.length > 0 && failures.length === stored.length) {
    throw new CannotUnseal(
      'None of the signing keys in the database can be decrypted: they were encrypted under a master key that is not ' +
        'configured. Set SECRET_ENCRYPTION_KEY, or SECRET_ENCRYPTION_KEY_PREVIOUS, to the key that was used, ' +
        'or restore secret.key.',
      { cause: failures[0] },
    )
  }
  const current = opened.verificationOnly.find(({ kid, alg }) => {
    const row = stored.find((candidate) => candidate.kid === kid)
    const usable = currentKey(opened.signing, alg, now)
    return row !== undefined && (usable === undefined || usable.activatesAt < row.activatesAt)
  })
  if (current) {
    throw new CannotUnseal(
      `The key ${current.kid}, which signs with ${current.alg} now, cannot be read. ` +
        'Restore its row in signing_keys from a backup. Without one, delete the row: the next start creates another key, ' +
        'and tokens that the old one signed become invalid.',
    )
  }
  return opened
}

async function openKey(row: StoredKey, known: OpenedKeys, sealer: Sealer): Promise<SigningKey | DecryptionKey> {
  const key = isSigning(row.alg)
    ? (known.signing.find(({ kid }) => kid === row.kid) ?? (await openSigningKey(row, sealer)))
    : (known.decryption.find(({ kid }) => kid === row.kid) ?? (await openDecryptionKey(row, sealer)))
  if (!key) throw new Error(`unknown algorithm ${row.alg}`)
  return key
}
