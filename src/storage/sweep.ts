import type pg from 'pg'
import { addSeconds } from '../lib/clock.ts'

/*
 * What has expired is refused whenever it is presented, so sweeping is housekeeping and never a safeguard. Everything is
 * found by an index on when it expired and goes in small batches that lock nothing anybody waits for.
 *
 *   codes       a day after they expired: until then one that is presented again still ends what it produced
 *   families    a day after their last token expired: no access token lives longer
 *   grants      with the last code or family that hangs from them
 *   sessions    when they have expired and no grant hangs from them
 *   registered  clients that everybody may register, when they have waited for a first use in vain
 */
const AFTERLIFE = 86_400

const batch = (table: string, key: string) => `
  DELETE FROM ${table} WHERE ${key} IN (
    SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE expires_at < $1::timestamptz ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`

// A grant has one code and at most one family; the family, where there is one, is what goes last.
const steps = {
  authorization_requests: { afterlife: 0, text: batch('authorization_requests', 'id') },
  revoked_tokens: { afterlife: 0, text: batch('revoked_tokens', 'jti') },
  used_assertions: { afterlife: 0, text: batch('used_assertions', '(client_id, jti)') },
  counters: { afterlife: 0, text: batch('counters', 'key') },
  authorization_codes: {
    afterlife: AFTERLIFE,
    text: `WITH gone AS (${batch('authorization_codes', 'code_hash')} RETURNING grant_id), grants_gone AS (
        DELETE FROM grants g USING gone WHERE g.id = gone.grant_id
          AND NOT EXISTS (SELECT FROM refresh_families f WHERE f.grant_id = g.id))
      SELECT FROM gone`,
  },
  refresh_families: {
    afterlife: AFTERLIFE,
    text: `WITH gone AS (${batch('refresh_families', 'id')} RETURNING grant_id), grants_gone AS (
        DELETE FROM grants g USING gone WHERE g.id = gone.grant_id)
      SELECT FROM gone`,
  },
  client_registrations: {
    afterlife: 0,
    text: `WITH due AS (
        SELECT r.client_id, EXISTS (SELECT FROM grants g WHERE g.client_id = r.client_id)
            OR EXISTS (SELECT FROM consents c WHERE c.client_id = r.client_id) AS used
        FROM client_registrations r WHERE r.expires_at < $1::timestamptz ORDER BY r.expires_at LIMIT $2
        FOR UPDATE SKIP LOCKED
      ), kept AS (
        UPDATE client_registrations SET expires_at = NULL WHERE client_id IN (SELECT client_id FROM due WHERE used)
      ), ended AS (
        UPDATE clients SET is_active = false, revoked_at = $1::timestamptz, deleted_at = $1::timestamptz,
          updated_at = $1::timestamptz
        WHERE id IN (SELECT client_id FROM due WHERE NOT used) AND deleted_at IS NULL
      ), gone AS (
        DELETE FROM client_registrations WHERE client_id IN (SELECT client_id FROM due WHERE NOT used)
      )
      SELECT FROM due`,
  },
  initial_access_tokens: { afterlife: AFTERLIFE, text: batch('initial_access_tokens', 'id') },
} as const

// Sessions that grants still hang from stay where they are, so each run goes on where the last one stopped.
const SWEEP_SESSIONS = `
WITH candidates AS (
  SELECT id, expires_at FROM sessions WHERE expires_at < $1::timestamptz AND (expires_at, id) > ($3::timestamptz, $4::uuid)
  ORDER BY expires_at, id LIMIT $2
), gone AS (
  DELETE FROM sessions s USING candidates c
  WHERE s.id = c.id AND NOT EXISTS (SELECT FROM grants g WHERE g.session_id = s.id)
)
SELECT expires_at, id FROM candidates ORDER BY expires_at DESC, id DESC LIMIT 1`

const BEGINNING = { expires_at: new Date(0), id: '00000000-0000-0000-0000-000000000000' }
const BATCH = 500
const MOST_BATCHES = 40

/** Removes what has expired, over all organisations. Safe to run in every process, as often as one likes. */
export function createSweeper(pool: pg.Pool): (now: Date) => Promise<void> {
  let position = BEGINNING

  async function sweepStep({ afterlife, text }: (typeof steps)[keyof typeof steps], now: Date): Promise<void> {
    for (let done = 0; done < MOST_BATCHES; done += 1) {
      const { rowCount } = await pool.query(text, [addSeconds(now, -afterlife), BATCH])
      if ((rowCount ?? 0) < BATCH) return
    }
  }

  return async (now) => {
    for (const step of Object.values(steps)) await sweepStep(step, now)
    const expired = addSeconds(now, -AFTERLIFE)
    const { rows } = await pool.query<typeof BEGINNING>(SWEEP_SESSIONS, [
      expired,
      BATCH,
      position.expires_at,
      position.id,
    ])
    position = rows[0] ?? BEGINNING
  }
}
