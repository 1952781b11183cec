// `storage/keys` stores sealed signing keys and sealed secrets of the server.
// It never sees a key in the clear.
// Sealing belongs to `keys`.

import type { Pool, PoolClient } from 'pg'
import type { SigningKeyRepository, StoredKey } from '../../model/keys/signing-key.ts'
import { advisoryLocks, takeAdvisoryLock } from '../db/advisory-locks.ts'
import { inTransaction } from '../db/transaction.ts'

const LIST = `SELECT kid, alg, public_jwk AS "publicJwk", sealed_private_jwk AS "sealedPrivateJwk",
  created_at AS "createdAt", activates_at AS "activatesAt"
FROM signing_keys ORDER BY activates_at, kid`
const ACTIVATE = 'UPDATE signing_keys SET activates_at = $2 WHERE kid = $1'
const RESEAL = 'UPDATE signing_keys SET sealed_private_jwk = $2 WHERE kid = $1'
const ADD = `INSERT INTO signing_keys (kid, alg, public_jwk, sealed_private_jwk, created_at, activates_at)
VALUES ($1, $2, $3, $4, $5, $6)`
const REMOVE = 'DELETE FROM signing_keys WHERE kid = ANY ($1)'

export function createSigningKeyRepository(pool: Pool): SigningKeyRepository {
  return {
    list: () => list(pool),
    update: (plan) =>
      inTransaction(pool, async (connection) => {
        await takeAdvisoryLock(connection, advisoryLocks.signingKeys)
        const before = await list(connection)
        const { add, activate, reseal, remove } = await plan(before)
        if (add.length + activate.length + reseal.length + remove.length === 0) return before
        for (const { kid, activatesAt } of activate) await connection.query(ACTIVATE, [kid, activatesAt])
        for (const { kid, sealedPrivateJwk } of reseal) await connection.query(RESEAL, [kid, sealedPrivateJwk])
        for (const { kid, alg, publicJwk, sealedPrivateJwk, createdAt, activatesAt } of add) {
          await connection.query(ADD, [kid, alg, publicJwk, sealedPrivateJwk, createdAt, activatesAt])
        }
        await connection.query(REMOVE, [remove])
        return list(connection)
      }),
  }
}

async function list(connection: Pool | PoolClient): Promise<StoredKey[]> {
  return (await connection.query<StoredKey>(LIST)).rows
}
