/**
 * A statement that ends those sessions of user $1 in organisation $2, at $3, that fulfil `condition`, and queues back-channel
 * logout. Clients with a session are those that were granted `openid` in it, as where one session is ended. Returns
 * `sessions` and `queuedBackchannelLogouts`.
 */
export const endUserSessions = (condition: string) => endSessionsOf('user_id = $1::uuid', condition)

/** The same for all users $1. */
export const endSessionsOfUsers = (condition: string) => endSessionsOf('user_id = ANY ($1::uuid[])', condition)

const endSessionsOf = (users: string, condition: string) => `
WITH ended AS (
  UPDATE sessions SET ended_at = $3::timestamptz
  WHERE ${users} AND organisation_id = $2::uuid AND ended_at IS NULL AND ${condition} RETURNING id, user_id
), queued AS (
  INSERT INTO backchannel_logout_queue (session_id, client_id, organisation_id, user_id, next_attempt_at, created_at)
  SELECT DISTINCT e.id, c.id, $2::uuid, e.user_id, $3::timestamptz, $3::timestamptz
  FROM ended e JOIN grants g ON g.session_id = e.id AND g.organisation_id = $2::uuid
  JOIN clients c ON c.id = g.client_id AND c.organisation_id = $2::uuid
  WHERE 'openid' = ANY (g.scopes) AND c.backchannel_logout_uri IS NOT NULL AND c.is_active AND c.deleted_at IS NULL
  ON CONFLICT DO NOTHING RETURNING client_id
)
SELECT (SELECT count(*)::int FROM ended) AS sessions, (SELECT count(*)::int FROM queued) AS "queuedBackchannelLogouts"`
