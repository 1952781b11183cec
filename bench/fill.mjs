import { createHash } from 'node:crypto'
import { Client } from 'pg'

// Fills tables to the size of a large installation, with a few statements over generated series, so that indexes are
// deep and caches cold. These users never sign in; one scenario uses their clients.

/** The secret of every generated client. */
export const FILLER_SECRET = 'filler-secret-filler-secret-filler-secret-0'
const SECRET_HASH = createHash('sha256').update(FILLER_SECRET).digest('hex')

/** A UUIDv7 for the `n`th row of a table, with times spread over the last half year in ascending order. */
const id = (kind, n) =>
  `(lpad(to_hex(1780000000000 + (${n})::bigint * 1500), 12, '0') || '7' || substr(md5('${kind} ' || (${n})), 1, 18) || '0')::uuid`

/**
 * Inserts users with a session, a code and an audit event each, clients with a secret each, and grants with a refresh
 * token family each, all in the one organisation.
 */
export function fillCerberus(databaseUrl, { users, clients, grants }) {
  const from = (count) => `FROM organisations o, generate_series(1, ${count}) n`
  return execute(databaseUrl, {
    tables: [
      'users',
      'memberships',
      'clients',
      'client_secrets',
      'sessions',
      'grants',
      'refresh_token_families',
      'authorization_codes',
      'audit_events',
    ],
    statements: [
      `INSERT INTO users (id, organisation_id, email, email_key, password_hash, name, created_at, updated_at)
       SELECT ${id('user', 'n')}, o.id, 'filler-' || n || '@bench.test', 'filler-' || n || '@bench.test',
         '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
         'Filler ' || n, now(), now() ${from(users)}`,
      `INSERT INTO sessions (id, organisation_id, user_id, token_hash, auth_time, amr, ip_address, user_agent,
         last_activity_at, expires_at, created_at)
       SELECT ${id('session', 'n')}, o.id, ${id('user', 'n')}, sha256(('session ' || n)::bytea), now(), ARRAY['pwd'],
         '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0',
         now(), now() + interval '12 hours', now() ${from(users)}`,
      `INSERT INTO clients (id, organisation_id, client_id, name, client_type, redirect_uris, grant_types,
         token_endpoint_auth_method, settings, created_at, updated_at)
       SELECT ${id('client', 'n')}, o.id, 'filler-' || n, 'Filler ' || n, 'confidential',
         ARRAY['https://app.example.com/callback'], ARRAY['authorization_code', 'refresh_token', 'client_credentials'],
         'client_secret_basic', '{"responseTypes": ["code"], "scopes": ["openid", "profile", "email", "reports:read"]}',
         now() - n * interval '1 second', now() ${from(clients)}`,
      `INSERT INTO client_secrets (id, organisation_id, client_id, secret_hash, created_at)
       SELECT ${id('secret', 'n')}, o.id, ${id('client', 'n')}, '\\x${SECRET_HASH}', now() ${from(clients)}`,
      `INSERT INTO grants (id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, offline, created_at)
       SELECT ${id('grant', 'n')}, o.id, ${id('client', `1 + n % ${clients}`)}, ${id('user', `1 + n % ${users}`)},
         ${id('session', `1 + n % ${users}`)}, ARRAY['openid', 'profile', 'email'], now(), ARRAY['pwd'], true, now()
       ${from(grants)}`,
      `INSERT INTO refresh_token_families (id, organisation_id, grant_id, client_id, seed, rotated_at, expires_at)
       SELECT ${id('family', 'n')}, o.id, ${id('grant', 'n')}, ${id('client', `1 + n % ${clients}`)},
         sha256(n::text::bytea), now(), now() + interval '30 days' ${from(grants)}`,
      `INSERT INTO authorization_codes (code_hash, organisation_id, grant_id, client_id, redirect_uri, code_challenge,
         nonce, expires_at, consumed_at)
       SELECT sha256(('code ' || n)::bytea), o.id, ${id('grant', 'n')}, ${id('client', `1 + n % ${clients}`)},
         'https://app.example.com/callback', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', md5(n::text),
         now() + interval '10 minutes', now() ${from(users)}`,
      `INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, user_id,
         resource_type, resource_id, ip_address, user_agent, request_id, metadata)
       SELECT ${id('event', 'n')}, o.id, now(), 'user.login.success', 'auth', 'login', true, ${id('user', 'n')},
         'session', ${id('session', 'n')}, '192.0.2.1',
         'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0',
         'req_' || substr(md5(n::text), 1, 16), '{}' ${from(users)}`,
    ],
  })
}

/** Fills the peer's table: clients, and grants with a refresh token each. Its accounts are not in the database. */
export function fillPeer(databaseUrl, { clients, grants }) {
  const insert = (model, payload, count) =>
    `INSERT INTO oidc_payloads (id, model, payload, grant_id, expires_at)
     SELECT md5('${model} ' || n), '${model}', jsonb_build_object(${payload}),
       CASE WHEN '${model}' = 'RefreshToken' THEN md5('Grant ' || n) END, now() + interval '30 days'
     FROM generate_series(1, ${count}) n`
  const times = `'iat', 1790000000, 'exp', 1792592000`
  return execute(databaseUrl, {
    tables: ['oidc_payloads'],
    statements: [
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
    ],
  })
}

async function execute(databaseUrl, work) {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return await fill(client, work)
  } finally {
    await client.end()
  }
}

/**
 * Runs the statements without indexes, constraints and triggers, which are created or enabled afterwards. Returns the
 * duration in seconds.
 */
async function fill(client, { tables, statements }) {
  const began = performance.now()
  // For the filling only: the measured statements commit to disk.
  for (const setting of [
    'synchronous_commit = off',
    'session_replication_role = replica',
    `maintenance_work_mem = '1GB'`,
  ]) {
    await client.query(`SET ${setting}`)
  }
  const { rows: constraints } = await client.query(
    `SELECT conrelid::regclass::text AS on, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint
     WHERE conrelid::regclass::text = ANY ($1) AND contype IN ('p', 'u')
       OR (conrelid::regclass::text = ANY ($1) OR confrelid::regclass::text = ANY ($1)) AND contype = 'f'
     ORDER BY contype = 'f'`,
    [tables],
  )
  const { rows: indexes } = await client.query(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes i
     WHERE tablename = ANY ($1) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)`,
    [tables],
  )
  // Keys are created before the constraints that reference them, and dropped after them.
  for (const { on, name } of constraints.toReversed()) await client.query(`ALTER TABLE ${on} DROP CONSTRAINT ${name}`)
  for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`)
  for (const statement of statements) await client.query(statement)
  for (const { definition } of indexes) await client.query(definition)
  for (const { on, name, definition } of constraints) {
    await client.query(`ALTER TABLE ${on} ADD CONSTRAINT ${name} ${definition}`)
  }
  await client.query('VACUUM ANALYZE')
  await client.query('CHECKPOINT')
  return (performance.now() - began) / 1000
}
