// `storage/keys` stores sealed signing keys and sealed secrets of the server.
// It never sees a key in the clear.
// Sealing belongs to `keys`.

import type { SigningKeyRepository, StoredKey } from '../../model/keys/signing-key.ts'
import { takeAdvisoryLock } from '../db/advisory-lock.ts'
import { copyBytes } from '../db/bytes.ts'
import type { Prisma, PrismaClient, SigningKey } from '../generated/client.ts'

/** The advisory lock under which one process at a time changes the keys. */
const SIGNING_KEYS_LOCK = 6_037_118_240_001n

export function createSigningKeyRepository(prisma: PrismaClient): SigningKeyRepository {
  const list = async (client: Prisma.TransactionClient) =>
    (await client.signingKey.findMany({ orderBy: [{ activatesAt: 'asc' }, { kid: 'asc' }] })).map(readKey)
  return {
    list: () => list(prisma),
    update: (plan) =>
      prisma.$transaction(
        async (tx) => {
          await takeAdvisoryLock(tx, SIGNING_KEYS_LOCK)
          const before = await list(tx)
          const { add, activate, reseal, remove } = await plan(before)
          if (add.length + activate.length + reseal.length + remove.length === 0) return before
          for (const { kid, activatesAt } of activate) {
            await tx.signingKey.update({ where: { kid }, data: { activatesAt } })
          }
          for (const { kid, sealedPrivateJwk } of reseal) {
            await tx.signingKey.update({ where: { kid }, data: { sealedPrivateJwk: copyBytes(sealedPrivateJwk) } })
          }
          await tx.signingKey.createMany({
            data: add.map((key) => ({
              ...key,
              publicJwk: key.publicJwk as Prisma.InputJsonObject,
              sealedPrivateJwk: copyBytes(key.sealedPrivateJwk),
            })),
          })
          await tx.signingKey.deleteMany({ where: { kid: { in: remove } } })
          return list(tx)
        },
        { maxWait: 20_000, timeout: 30_000 },
      ),
  }
}

function readKey(row: SigningKey): StoredKey {
  return { ...row, alg: row.alg as StoredKey['alg'], publicJwk: row.publicJwk as Record<string, unknown> }
}
