// `node bench/audit-log.mjs [events]`: response times of the audit log of an organisation with this number of events
// (1,000,000), by filter and position. In one process, over a temporary PostgreSQL, without sockets.
import { register } from 'tsx/esm/api'
import { Client } from 'pg'

const count = Number(process.argv[2] ?? 1_000_000)
const ROUNDS = 40

const ID_OF = `
  CREATE FUNCTION pg_temp.id_of(name text) RETURNS uuid LANGUAGE sql AS
  $$ SELECT (substr(md5(name), 1, 12) || '7' || substr(md5(name), 14, 3) || '8' || substr(md5(name), 18))::uuid $$`

/** Thirteen months in place of the first partition, as after a year. */
const PARTITION = `
  ALTER TABLE audit_events DETACH PARTITION audit_events_initial;
  DO $$ DECLARE month timestamptz := (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '12 months') AT TIME ZONE 'UTC';
  BEGIN
    FOR n IN 0..12 LOOP
      EXECUTE format('CREATE TABLE audit_events_bench_%s PARTITION OF audit_events FOR VALUES FROM (%L) TO (%L)', n,
        month + n * interval '1 month', month + (n + 1) * interval '1 month');
    END LOOP;
  END $$`

// A year of sign-ins and tokens of 20,000 users and 200 clients, a hundredth of them administration.
const FILL = `
  INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id, client_id,
    resource_type, resource_id, ip_address, user_agent, request_id, metadata)
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || substr(pg_temp.id_of(n::text)::text, 15))::uuid,
    o.id, at, kind[1], kind[2], kind[3], kind[1] NOT LIKE '%.failed',
    pg_temp.id_of('user' || n % 20000), CASE WHEN kind[4] <> '' THEN pg_temp.id_of('client' || n % 200) END,
    nullif(kind[4], ''), CASE WHEN kind[4] <> '' THEN pg_temp.id_of('resource' || n % 5000)::text END,
    '192.0.2.' || n % 250, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'req_' || substr(md5(n::text), 1, 16), '{}'
  FROM organisations o, generate_series(1, $1::int) n,
    LATERAL (SELECT now() - ($1::int - n) * interval '1 year' / $1::int AS at,
      CASE WHEN n % 100 = 0 THEN ARRAY['client.updated', 'client', 'update', 'client']
        WHEN n % 1000 = 1 THEN ARRAY['role.updated', 'permission', 'update', 'role']
        WHEN n % 20 = 2 THEN ARRAY['user.login.failed', 'auth', 'login', '']
        WHEN n % 2 = 1 THEN ARRAY['oauth2.token_refreshed', 'auth', 'create', 'grant']
        ELSE ARRAY['user.login.success', 'auth', 'login', ''] END AS kind) AS events
  ORDER BY n`

register()
const { startTestCluster } = await import('../test/support/cluster.ts')
const { createTestApp } = await import('../test/support/app.ts')
const { createDatabase, stop } = await startTestCluster()
const { connectionString } = await createDatabase()
const test = await createTestApp({ connectionString })
try {
  const cookie = await test.signIn()
  const direct = new Client({ connectionString })
  await direct.connect()
  await direct.query(PARTITION)
  await direct.query(ID_OF)
  await direct.query(FILL, [count])
  await direct.query('VACUUM ANALYZE audit_events')
  const size = await direct.query(
    `SELECT sum(pg_table_size(inhrelid)) AS rows, sum(pg_indexes_size(inhrelid)) AS indexes
    FROM pg_inherits WHERE inhparent = 'audit_events'::regclass`,
  )
  const perEvent = (bytes) => `${Math.round(Number(bytes) / count)} bytes per event`
  console.log({ rows: perEvent(size.rows[0].rows), indexes: perEvent(size.rows[0].indexes) })
  const one = await direct.query(
    `SELECT user_id, client_id, resource_id FROM audit_events WHERE type = 'client.updated' ORDER BY id DESC LIMIT 1`,
  )
  const { user_id: user, client_id: client, resource_id: resource } = one.rows[0]
  await direct.end()
  const month = new Date(Date.now() - 180 * 86_400_000).toISOString().slice(0, 7)
  const queries = [
    'limit=50',
    'limit=50&page=20',
    'limit=50&sort=createdAt',
    'limit=50&type=role.updated',
    'limit=50&category=permission',
    'limit=50&category=client&action=update',
    'limit=50&success=false',
    'limit=50&success=false&page=20',
    `limit=50&userId=${user}`,
    `limit=50&userId=${user}&category=auth&success=false`,
    `limit=50&clientId=${client}`,
    `limit=50&resourceId=${resource}`,
    'limit=50&resourceType=role',
    `limit=50&resourceType=client&resourceId=${resource}`,
    `limit=50&from=${month}-01&to=${month}-28`,
    `limit=50&from=${month}-01&to=${month}-28&success=false`,
    `limit=50&search=${user}`,
    'limit=50&search=owner@acme.test',
    'limit=50&type=no.such.type',
  ]
  const measure = async (name, requests) => {
    const times = []
    let total = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const begun = performance.now()
      const answer = await test.app.inject({ url: await requests(), headers: { cookie } })
      times.push(performance.now() - begun)
      if (answer.statusCode !== 200) throw new Error(`${name} answered ${answer.statusCode}: ${answer.body}`)
      total = answer.json().total
      next = answer.json().nextCursor
    }
    times.sort((a, b) => a - b)
    const at = (share) => (times[Math.ceil(share * ROUNDS) - 1] ?? 0).toFixed(1)
    console.log({ name, found: total, 'ms, half': at(0.5), 'ms, 95 %': at(0.95) })
  }
  let next
  for (const query of queries) await measure(query, () => `/v1/admin/audit-logs?${query}`)
  const first = await test.app.inject({ url: '/v1/admin/audit-logs?limit=100&page=5000', headers: { cookie } })
  next = first.json().nextCursor
  await measure('after, in the middle', () => `/v1/admin/audit-logs?limit=100&after=${next}`)
  for (const format of ['ndjson', 'csv']) {
    const begun = performance.now()
    const url = `/v1/admin/audit-logs/export?format=${format}&success=false`
    const { body } = await test.app.inject({ url, headers: { cookie } })
    const perSecond = Math.round((body.trimEnd().split('\n').length / (performance.now() - begun)) * 1000)
    console.log({ export: format, MB: Math.round(body.length / 1e6), 'events per second': perSecond })
  }
} finally {
  await test.close()
  await stop()
}
