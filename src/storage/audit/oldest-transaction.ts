/**
 * For `SELECT min(xact_start)`: the transactions that may still store an event. One that has not written for a minute has none
 * to store.
 */
export const ACTIVE_TRANSACTIONS = `FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND (backend_xid IS NOT NULL OR xact_start > now() - interval '60 seconds')`
