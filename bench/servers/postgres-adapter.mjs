import { Pool } from 'pg'

export const PEER_TABLE = `
CREATE TABLE IF NOT EXISTS oidc_payloads (
  id text NOT NULL,
  model text NOT NULL,
  payload jsonb NOT NULL,
  grant_id text,
  user_code text,
  uid text,
  expires_at timestamptz,
  consumed_at timestamptz,
  PRIMARY KEY (model, id)
);
CREATE INDEX IF NOT EXISTS oidc_payloads_grant_id ON oidc_payloads (grant_id);
CREATE INDEX IF NOT EXISTS oidc_payloads_uid ON oidc_payloads (uid);
CREATE INDEX IF NOT EXISTS oidc_payloads_user_code ON oidc_payloads (user_code);
CREATE INDEX IF NOT EXISTS oidc_payloads_expires_at ON oidc_payloads (expires_at);`

/**
 * The adapter that the peer's documentation describes: one table, the payload as jsonb, one statement per call, a pool
 * of ten. Its `consume` is the documented one: it does not check whether the row was already consumed.
 */
export async function createPostgresAdapter(connectionString) {
  const pool = new Pool({ connectionString, max: 10 })
  await pool.query(PEER_TABLE)
  return (model) => {
    const read = ({ rows: [row] }) => {
      if (!row || (row.expires_at && row.expires_at < new Date())) return undefined
      return { ...row.payload, ...(row.consumed_at && { consumed: true }) }
    }
    const find = async (column, value) =>
      read(
        await pool.query(
          `SELECT payload, expires_at, consumed_at FROM oidc_payloads WHERE model = $1 AND ${column} = $2`,
          [model, value],
        ),
      )
    return {
      async upsert(id, payload, expiresIn) {
        await pool.query(
          `INSERT INTO oidc_payloads (id, model, payload, grant_id, user_code, uid, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (model, id) DO UPDATE SET payload = EXCLUDED.payload, grant_id = EXCLUDED.grant_id,
             user_code = EXCLUDED.user_code, uid = EXCLUDED.uid, expires_at = EXCLUDED.expires_at`,
          [
            id,
            model,
            JSON.stringify(payload),
            payload.grantId,
            payload.userCode,
            payload.uid,
            expiresIn ? new Date(Date.now() + expiresIn * 1000) : null,
          ],
        )
      },
      find: (id) => find('id', id),
      findByUid: (uid) => find('uid', uid),
      findByUserCode: (userCode) => find('user_code', userCode),
      async consume(id) {
        await pool.query('UPDATE oidc_payloads SET consumed_at = now() WHERE model = $1 AND id = $2', [model, id])
      },
      async destroy(id) {
        await pool.query('DELETE FROM oidc_payloads WHERE model = $1 AND id = $2', [model, id])
      },
      async revokeByGrantId(grantId) {
        await pool.query('DELETE FROM oidc_payloads WHERE grant_id = $1', [grantId])
      },
    }
  }
}
