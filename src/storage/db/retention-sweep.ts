import type pg from 'pg'
import { addSeconds } from '../../lib/time/clock.ts'
import { UNUSED_CIMD_CLIENT_RETENTION_SECONDS } from '../../model/clients/client-metadata-document.ts'
import { DELETED_USER_RETENTION_SECONDS } from '../../model/users/user-directory.ts'
import { DELIVERY_RETENTION_SECONDS } from '../../model/webhooks/webhook.ts'
import { createClientExpiry } from '../clients/expire-clients.ts'
import { createOrganisationPurge } from '../organisations/purge-organisations.ts'

/*
 * Expired rows are rejected wherever they are presented, so the sweep is not needed for security. It finds rows by an index
 * on their expiry and deletes them in small batches that skip locked rows.
 *
 *   device authorizations   a day after their expiry: until then a late poll is answered with expired_token
 *   authorization failures  at their expiry
 *   pushed requests         at their expiry, or an hour later if a user came in time and may still decide
 *   pending sign-ins        at their expiry
 *   codes                   a day after their expiry: until then a replayed code still revokes its grant
 *   families                a day after their last token expired: no access token is valid for longer
 *   grants                  with their last code or family
 *   sessions                when they have expired and have no grant
 *   open registrations      clients of open registration that were not used in time
 *   metadata documents      clients with a metadata document that were unused for thirty days. They may register again
 *   mailed links            a day after their expiry
 *   mails                   after thirty days, sent or not
 *   deleted users           after thirty days, with their roles and consents: then their e-mail address is free
 *   deleted organisations   after thirty days, with everything that belongs to them (purge-organisations.ts)
 *   expiring clients        are announced, disabled and deleted (expire-clients.ts)
 *   deleted clients         after a day, when they have no grant: audit events refer to them. A client_id that was chosen
 *                           stays taken, and so does its row. Clients with a metadata document stay, because they
 *                           would register again
 *   webhook deliveries      after thirty days
 *   cache invalidations     an hour after their change, by the clock of PostgreSQL: processes read them within a second
 */
const RETENTION_SECONDS = 86_400

const deleteExpired = (table: string, key: string) => `
  DELETE FROM ${table} WHERE ${key} IN (
    SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE expires_at < $1::timestamptz ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)`

// A grant has one code and at most one family; if there is a family, it is deleted last.
const sweepSteps = {
  device_authorizations: { retentionSeconds: RETENTION_SECONDS, text: deleteExpired('device_authorizations', 'id') },
  authorization_failures: {
    retentionSeconds: 0,
    text: deleteExpired('authorization_failures', '(organisation_id, reference)'),
  },
  pushed_authorization_requests: {
    retentionSeconds: 0,
    text: `DELETE FROM pushed_authorization_requests WHERE reference_hash IN (
        SELECT p.reference_hash FROM pushed_authorization_requests p
        WHERE p.expires_at < $1::timestamptz AND (p.expires_at < $1::timestamptz - interval '1 hour' OR NOT EXISTS (
          SELECT FROM pending_authorization_requests r WHERE r.pushed_reference_hash = p.reference_hash))
        ORDER BY p.expires_at LIMIT $2 FOR UPDATE OF p SKIP LOCKED)`,
  },
  pending_authorization_requests: { retentionSeconds: 0, text: deleteExpired('pending_authorization_requests', 'id') },
  revoked_tokens: { retentionSeconds: 0, text: deleteExpired('revoked_tokens', 'jti') },
  replay_cache: { retentionSeconds: 0, text: deleteExpired('replay_cache', 'key_hash') },
  rate_limit_counters: { retentionSeconds: 0, text: deleteExpired('rate_limit_counters', 'key_hash') },
  authorization_codes: {
    retentionSeconds: RETENTION_SECONDS,
    text: `WITH deleted AS (${deleteExpired('authorization_codes', 'code_hash')} RETURNING grant_id), deleted_grants AS (
        DELETE FROM grants g USING deleted WHERE g.id = deleted.grant_id
          AND NOT EXISTS (SELECT FROM refresh_token_families f WHERE f.grant_id = g.id))
      SELECT FROM deleted`,
  },
  refresh_token_families: {
    retentionSeconds: RETENTION_SECONDS,
    text: `WITH deleted AS (${deleteExpired('refresh_token_families', 'id')} RETURNING grant_id), deleted_grants AS (
        DELETE FROM grants g USING deleted WHERE g.id = deleted.grant_id)
      SELECT FROM deleted`,
  },
  client_registrations: {
    retentionSeconds: 0,
    text: `WITH due AS (
        SELECT r.client_id, EXISTS (SELECT FROM grants g WHERE g.client_id = r.client_id)
            OR EXISTS (SELECT FROM consents c WHERE c.client_id = r.client_id) AS is_used
        FROM client_registrations r WHERE r.expires_at < $1::timestamptz ORDER BY r.expires_at LIMIT $2
        FOR UPDATE SKIP LOCKED
      ), retained AS (
        UPDATE client_registrations SET expires_at = NULL WHERE client_id IN (SELECT client_id FROM due WHERE is_used)
      ), soft_deleted AS (
        UPDATE clients SET is_active = false, revoked_at = $1::timestamptz, deleted_at = $1::timestamptz,
          updated_at = $1::timestamptz
        WHERE id IN (SELECT client_id FROM due WHERE NOT is_used) AND deleted_at IS NULL
      ), deleted AS (
        DELETE FROM client_registrations WHERE client_id IN (SELECT client_id FROM due WHERE NOT is_used)
      )
      SELECT FROM due`,
  },
  client_metadata_documents: {
    retentionSeconds: UNUSED_CIMD_CLIENT_RETENTION_SECONDS,
    text: `DELETE FROM clients WHERE id IN (
        SELECT c.id FROM client_metadata_documents d JOIN clients c ON c.id = d.client_id
        WHERE d.fetched_at < $1::timestamptz AND c.is_active AND c.deleted_at IS NULL
          AND NOT EXISTS (SELECT FROM grants g WHERE g.client_id = c.id)
          AND NOT EXISTS (SELECT FROM consents s WHERE s.client_id = c.id)
        ORDER BY d.fetched_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
  clients: {
    retentionSeconds: RETENTION_SECONDS,
    text: `DELETE FROM clients WHERE id IN (
        SELECT c.id FROM clients c
        WHERE c.deleted_at < $1::timestamptz AND starts_with(c.client_id, 'client_')
          AND NOT EXISTS (SELECT FROM grants g WHERE g.client_id = c.id)
          AND NOT EXISTS (SELECT FROM client_metadata_documents d WHERE d.client_id = c.id)
        ORDER BY c.deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
  users: {
    retentionSeconds: DELETED_USER_RETENTION_SECONDS,
    // What was changed of a user is personal data. That it was changed stays recorded.
    text: `WITH due AS (
        SELECT id, organisation_id FROM users WHERE deleted_at < $1::timestamptz ORDER BY deleted_at LIMIT $2
        FOR UPDATE SKIP LOCKED
      ), forgotten AS (
        UPDATE audit_events e SET changes = NULL FROM due
        WHERE e.resource_id = due.id::text AND e.organisation_id = due.organisation_id AND e.resource_type = 'user'
          AND e.changes IS NOT NULL
      )
      DELETE FROM users WHERE id IN (SELECT id FROM due)`,
  },
  one_time_codes: { retentionSeconds: RETENTION_SECONDS, text: deleteExpired('one_time_codes', 'id') },
  outgoing_mails: { retentionSeconds: 0, text: deleteExpired('outgoing_mails', 'id') },
  pending_sign_ins: { retentionSeconds: 0, text: deleteExpired('pending_sign_ins', 'id') },
  onboarding_tokens: { retentionSeconds: RETENTION_SECONDS, text: deleteExpired('onboarding_tokens', 'id') },
  initial_access_tokens: { retentionSeconds: RETENTION_SECONDS, text: deleteExpired('initial_access_tokens', 'id') },
  // Their id is a UUID of version 7 from the time of the event, so that the key finds the oldest.
  webhook_deliveries: {
    retentionSeconds: DELIVERY_RETENTION_SECONDS,
    text: `DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries
        WHERE id < (lpad(to_hex((extract(epoch FROM $1::timestamptz) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
        ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
  // In the order of the key, which is that of time: an index on the time would make each change dearer.
  cache_invalidations: {
    retentionSeconds: 3_600,
    text: `DELETE FROM cache_invalidations WHERE id IN (
        SELECT id FROM cache_invalidations WHERE created_at < least($1::timestamptz, now() - interval '1 hour')
        ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  },
} as const

// Sessions with grants stay, so each batch continues where the last one stopped.
const SWEEP_SESSIONS = `
WITH candidates AS (
  SELECT id, expires_at FROM sessions WHERE expires_at < $1::timestamptz AND (expires_at, id) > ($3::timestamptz, $4::uuid)
  ORDER BY expires_at, id LIMIT $2
), deleted AS (
  DELETE FROM sessions s USING candidates c
  WHERE s.id = c.id AND NOT EXISTS (SELECT FROM grants g WHERE g.session_id = s.id)
)
SELECT expires_at, id FROM candidates ORDER BY expires_at DESC, id DESC LIMIT 1`

const FIRST_POSITION = { expires_at: new Date(0), id: '00000000-0000-0000-0000-000000000000' }
const BATCH_SIZE = 500
// 100,000 rows of a kind per sweep, about 1,600 per second: more than are written in the long run.
const MAX_BATCHES = 200

/** Deletes expired rows of all organisations. Safe to run in every process, at any time. */
export function createRetentionSweep(pool: pg.Pool): (now: Date) => Promise<void> {
  const expireClients = createClientExpiry(pool)
  const purgeOrganisations = createOrganisationPurge(pool)
  let position = FIRST_POSITION

  async function deleteInBatches(text: string, before: Date): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const { rowCount } = await pool.query(text, [before, BATCH_SIZE])
      if ((rowCount ?? 0) < BATCH_SIZE) return
    }
  }

  async function sweepSessions(cutoff: Date): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const { rows } = await pool.query<typeof FIRST_POSITION>(SWEEP_SESSIONS, [
        cutoff,
        BATCH_SIZE,
        position.expires_at,
        position.id,
      ])
      position = rows[0] ?? FIRST_POSITION
      if (position === FIRST_POSITION) return
    }
  }

  return async (now) => {
    await expireClients(now)
    for (const { retentionSeconds, text } of Object.values(sweepSteps))
      await deleteInBatches(text, addSeconds(now, -retentionSeconds))
    await sweepSessions(addSeconds(now, -RETENTION_SECONDS))
    await purgeOrganisations(now)
  }
}
