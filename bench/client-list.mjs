// `node bench/client-list.mjs [clients]`: response times of the client list in an organisation with this number of
// clients (100,000), by search, filter and sort order. In one process, over a temporary PostgreSQL, without sockets.
import { register } from 'tsx/esm/api'
import { Client } from 'pg'

const count = Number(process.argv[2] ?? 100_000)
const ROUNDS = 20

const queries = [
  'limit=50',
  'limit=50&page=20',
  'limit=50&sort=name',
  'limit=50&sort=-updatedAt',
  'limit=50&search=no such thing',
  'limit=50&search=host-4711.example',
  'limit=50&search=filler 77',
  'limit=50&search=contact-12@',
  'limit=50&search=example',
  'limit=50&search=example&sort=name',
  'limit=50&grantType=client_credentials&clientType=confidential',
  'limit=50&redirectHost=host-4711.example.com',
  'limit=50&expiresWithin=30&sort=expiresAt',
  'limit=50&sort=-lastUsedAt',
  'limit=50&page=20&sort=lastUsedAt',
  'limit=50&unused=30&sort=lastUsedAt',
  'limit=50&unused=30&search=filler 77',
]

const FILL = `
  INSERT INTO clients (id, organisation_id, client_id, name, client_type, redirect_uris, grant_types, settings,
    token_endpoint_auth_method, expires_at, created_at, updated_at)
  SELECT gen_random_uuid(), o.id, 'client_' || substr(md5(n::text), 1, 24), 'Filler ' || n,
    CASE n % 3 WHEN 0 THEN 'public' ELSE 'confidential' END,
    ARRAY['https://host-' || n || '.example.com/callback', 'https://host-' || n || '.example.com/second'],
    CASE n % 50 WHEN 1 THEN ARRAY['client_credentials'] ELSE ARRAY['authorization_code', 'refresh_token'] END,
    jsonb_build_object('description', 'Made for the bench', 'responseTypes', ARRAY['code'],
      'scopes', ARRAY['openid', 'profile', 'email'], 'contacts', ARRAY['contact-' || n || '@example.com']),
    'client_secret_basic',
    CASE n % 1000 WHEN 0 THEN now() + n * interval '1 minute' END, now() - n * interval '1 second',
    now() - n % 977 * interval '1 minute'
  FROM organisations o, generate_series(1, $1::int) n`

/** Two thirds of the clients were used in the last forty days. */
const USED = `
  INSERT INTO client_last_used (client_id, organisation_id, used_at)
  SELECT id, organisation_id, date_trunc('hour', now() - (abs(hashtext(id::text)) % 960) * interval '1 hour')
  FROM clients WHERE abs(hashtext(client_id)) % 3 > 0`

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
  await direct.query(FILL, [count])
  await direct.query(USED)
  await direct.query('VACUUM ANALYZE')
  await direct.end()
  for (const query of queries) {
    const times = []
    let total = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const begun = performance.now()
      const url = `/v1/admin/clients?${query.replaceAll(' ', '%20')}`
      const answer = await test.app.inject({ method: 'GET', url, headers: { cookie } })
      times.push(performance.now() - begun)
      if (answer.statusCode !== 200) throw new Error(`${query} answered ${answer.statusCode}: ${answer.body}`)
      total = answer.json().total
    }
    times.sort((a, b) => a - b)
    const at = (share) => (times[Math.ceil(share * ROUNDS) - 1] ?? 0).toFixed(0)
    console.log({ query, found: total, 'ms, half': at(0.5), 'ms, 95 %': at(0.95) })
  }
} finally {
  await test.close()
  await stop()
}
