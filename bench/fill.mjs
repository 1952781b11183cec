import { Client } from 'pg'
import { PEER_TABLE } from './servers/postgres-adapter.mjs'

// Fills tables as a large installation has them, by a few statements over generated series, so that indexes are deep and
// caches cold. Nobody uses these rows; they are in the way.

/** Users, clients, and grants with a refresh family each, of the one organisation. */
export function fillCerberus(databaseUrl, { users, clients, grants }) {
  return execute(databaseUrl, [
    [
      `INSERT INTO users (id, organisation_id, email, email_key, password_hash, name, created_at, updated_at)
       SELECT md5('user ' || n)::uuid, o.id, 'filler-' || n || '@bench.test', 'filler-' || n || '@bench.test',
         '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
         'Filler ' || n, now(), now()
       FROM organisations o, generate_series(1, $1::int) n`,
      users,
    ],
    [
      `INSERT INTO clients (id, organisation_id, client_id, name, client_type, redirect_uris, grant_types,
         response_types, scopes, token_endpoint_auth_method, created_at, updated_at)
       SELECT md5('client ' || n)::uuid, o.id, 'filler-' || n, 'Filler ' || n, 'public',
         ARRAY['https://app.example.com/callback'], ARRAY['authorization_code', 'refresh_token'], ARRAY['code'],
         ARRAY['openid', 'profile', 'email'], 'none', now(), now()
       FROM organisations o, generate_series(1, $1::int) n`,
      clients,
    ],
    [
      `INSERT INTO grants (id, organisation_id, client_id, user_id, scopes, auth_time, amr, offline, created_at)
       SELECT md5('grant ' || n)::uuid, o.id, md5('client ' || 1 + n % $2::int)::uuid,
         md5('user ' || 1 + n % $3::int)::uuid, ARRAY['openid', 'profile', 'email'], now(), ARRAY['pwd'], true, now()
       FROM organisations o, generate_series(1, $1::int) n`,
      grants,
      clients,
      users,
    ],
    [
      `INSERT INTO refresh_families (id, organisation_id, grant_id, client_id, seed, rotated_at, expires_at)
       SELECT md5('family ' || n)::uuid, o.id, md5('grant ' || n)::uuid, md5('client ' || 1 + n % $2::int)::uuid,
         sha256(n::text::bytea), now(), now() + interval '30 days'
       FROM organisations o, generate_series(1, $1::int) n`,
      grants,
      clients,
    ],
  ])
}

/** The same for the peer's table: clients, grants and a refresh token each. Its accounts are its users' own business. */
export function fillPeer(databaseUrl, { clients, grants }) {
  const insert = (model, payload, count) => [
    `INSERT INTO oidc_payloads (id, model, payload, grant_id, expires_at)
     SELECT md5('${model} ' || n), '${model}', jsonb_build_object(${payload}),
       CASE WHEN '${model}' = 'RefreshToken' THEN md5('Grant ' || n) END, now() + interval '30 days'
     FROM generate_series(1, $1::int) n`,
    count,
  ]
  const times = `'iat', 1790000000, 'exp', 1792592000`
  return execute(databaseUrl, [
    [PEER_TABLE],
    insert(
      'Client',
      `'client_id', md5('Client ' || n), 'redirect_uris', '["https://app.example.com/callback"]'::jsonb`,
      clients,
    ),
    insert(
      'Grant',
      `${times}, 'kind', 'Grant', 'jti', md5('Grant ' || n), 'accountId', 'filler-' || n, 'clientId', 'filler-' || n % 1000,
       'openid', '{"scope":"openid profile email"}'::jsonb`,
      grants,
    ),
    insert(
      'RefreshToken',
      `${times}, 'kind', 'RefreshToken', 'jti', md5('RefreshToken ' || n), 'accountId', 'filler-' || n, 'clientId',
       'filler-' || n % 1000, 'grantId', md5('Grant ' || n), 'gty', 'authorization_code', 'scope', 'openid profile email',
       'authTime', 1790000000, 'sessionUid', md5('session ' || n), 'rotations', 1, 'iiat', 1790000000`,
      grants,
    ),
  ])
}

async function execute(databaseUrl, statements) {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  // Only for the filling: what is measured later commits to disk.
  await client.query('SET synchronous_commit = off')
  for (const [text, ...values] of statements) {
    await (values.length === 0 ? client.query(text) : client.query(text, values))
  }
  await client.query('VACUUM ANALYZE')
  await client.query('CHECKPOINT')
  await client.end()
}
