import { randomBytes, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuditEvent } from '../../src/audit/catalogue.ts'
import { systemClock } from '../../src/lib/time/clock.ts'
import type { Grant } from '../../src/model/grants/grant.ts'
import { createAccessTokenRepository } from '../../src/storage/grants/access-tokens.ts'
import { createAuthorizationCodeRepository } from '../../src/storage/grants/authorization-codes.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { createPushedAuthorizationRequestRepository } from '../../src/storage/authorization/pushed-authorization-requests.ts'
import { createRefreshTokenFamilyRepository } from '../../src/storage/grants/refresh-token-families.ts'
import { createSessionRepository } from '../../src/storage/sessions/sessions.ts'
import { createDatabase } from '../support/cluster.ts'

let own: Awaited<ReturnType<typeof createDatabase>>
let database: Database

beforeAll(async () => {
  own = await createDatabase()
  // One connection, on which everything is prepared.
  database = connectDatabase({ connection: own.connectionString, poolSize: 2, onError: () => {} })
  await askAll()
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

/** Sends every statement of a hot path once, about things that do not exist. */
async function askAll(): Promise<void> {
  const { hotPool: pool, prisma } = database
  const now = new Date()
  const [id, bytes] = [randomUUID(), randomBytes(32)]
  const whose = { clientId: id, organisationId: id }
  const grant: Grant = {
    ...whose,
    id,
    userId: id,
    sessionId: null,
    scopes: [],
    claims: null,
    resources: null,
    authTime: now,
    amr: [],
    acr: 'pwd',
    offline: false,
    createdAt: now,
  }
  const issued = {
    grant,
    codeHash: bytes,
    redirectUri: '',
    codeChallenge: undefined,
    dpopJkt: undefined,
    nonce: undefined,
    expiresAt: now,
    authorizationRequestId: undefined,
    pushedReferenceHash: bytes,
  }
  const codes = createAuthorizationCodeRepository(pool)
  await codes.issue({ ...issued, pendingRequestId: 'none' })
  const pushes = createPushedAuthorizationRequestRepository(pool)
  await pushes.find({ ...whose, referenceHash: bytes, now })
  await pushes.delete({ ...whose, referenceHash: bytes })
  const redemption = {
    ...whose,
    codeHash: bytes,
    redirectUri: '',
    codeChallenge: undefined,
    dpopJkt: undefined,
    family: undefined,
    resources: undefined,
    accessReads: [],
    now,
  }
  await codes.redeem({ ...redemption, eventId: undefined })
  await codes.redeem({ ...redemption, eventId: id })
  const families = createRefreshTokenFamilyRepository(pool)
  const proof = { familyId: id, generation: 0, key: bytes, proofHash: bytes }
  const rotation = {
    ...proof,
    ...whose,
    keepsToken: false,
    gracePeriodSeconds: 10,
    scopes: undefined,
    resources: undefined,
    senderProofs: [],
    accessReads: [],
    now,
  }
  await families.rotate({ ...rotation, eventId: undefined })
  await families.rotate({ ...rotation, eventId: id })
  await families.inspect(proof, now)
  const accessTokens = createAccessTokenRepository(pool)
  const token = { ...whose, jti: id, issuedAt: now, now }
  await accessTokens.inspect({ ...token, grantId: id })
  await accessTokens.inspect({ ...token, grantId: undefined })
  await accessTokens.inspectForUserinfo({ ...token, grantId: id, accessReads: [] })
  const about = {
    organisationId: id,
    requestMetadata: { ipAddress: '192.0.2.1', userAgent: undefined, requestId: 'none' },
  }
  await accessTokens.revoke(
    { ...token, grantId: id, expiresAt: now },
    createAuditEvent(systemClock, 'oauth2.token_revoked', about),
  )
  await families.revoke(proof, { id, organisationId: id }, createAuditEvent(systemClock, 'oauth2.grant_revoked', about))
  await createSessionRepository(pool, pool, prisma).findContext(bytes, id, now)
}

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  Plans?: Plan[]
}

/** Every node that reads a table otherwise than by a key that it is given, or joins otherwise than row by row. */
function detours(plan: Plan): string[] {
  const { 'Node Type': node, 'Relation Name': table, 'Index Name': index = '', 'Index Cond': by } = plan
  const writes = node === 'ModifyTable'
  const byKey = /_(?:pkey|key)$/.test(index) && by !== undefined
  const wrong = (table !== undefined && !writes && !byKey) || /Join/.test(node) || index.endsWith('_idx')
  return [...(wrong ? [`${node} ${table ?? ''} ${index}`] : []), ...(plan.Plans ?? []).flatMap(detours)]
}

async function plans(): Promise<Record<string, string[]>> {
  const { rows } = await database.hotPool.query<{ name: string; parameters: number }>(
    'SELECT name, cardinality(parameter_types) AS parameters FROM pg_prepared_statements WHERE NOT from_sql ORDER BY name',
  )
  const found: Record<string, string[]> = {}
  for (const { name, parameters } of rows) {
    const values = Array.from({ length: parameters }, () => 'NULL').join(', ')
    const explained = await database.hotPool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `EXPLAIN (FORMAT JSON) EXECUTE "${name}"(${values})`,
    )
    const [row] = explained.rows
    found[name] = row ? detours(row['QUERY PLAN'][0].Plan) : ['no plan']
  }
  return found
}

describe('a statement that every request waits for finds rows by their keys, one by one', () => {
  const direct = Object.fromEntries(
    [
      'issue-code-for-request',
      'delete-pushed-request',
      'find-pushed-request',
      'find-session',
      'inspect-access-token',
      'inspect-for-userinfo',
      'inspect-client-token',
      'inspect-refresh-token',
      'explain-code-failure',
      'explain-refresh-failure',
      'redeem-code',
      'redeem-code-audited',
      'revoke-access-token',
      'revoke-refresh-token',
      'rotate-refresh-token',
      'rotate-refresh-token-audited',
    ].map((name) => [name, []]),
  )

  it('in a database that is new', async () => {
    expect(await plans()).toEqual(direct)
  })

  it('in one that has grown', async () => {
    // One organisation and one client to which everything belongs: the worst that there is for any other way in.
    // On a connection without the time limits of the pools.
    const filling = new Client(own.connectionString)
    await filling.connect()
    await filling.query(`
      INSERT INTO organisations (id, slug, name, status, created_at, updated_at)
        SELECT gen_random_uuid(), 'o' || n, 'Organisation', 'active', now(), now() FROM generate_series(1, 300) n;
      CREATE TEMPORARY TABLE big AS SELECT id AS organisation_id FROM organisations WHERE slug = 'o1';
      INSERT INTO clients (id, organisation_id, client_id, name, client_type, token_endpoint_auth_method, created_at, updated_at)
        SELECT gen_random_uuid(), organisation_id, 'c' || n, 'Client', 'public', 'none', now(), now()
        FROM big, generate_series(1, 3000) n;
      CREATE TEMPORARY TABLE popular AS SELECT id AS client_id FROM clients WHERE client_id = 'c1';
      INSERT INTO users (id, organisation_id, email, email_key, created_at, updated_at)
        SELECT gen_random_uuid(), organisation_id, n::text, n::text, now(), now() FROM big, generate_series(1, 3000) n;
      INSERT INTO consents (user_id, client_id, organisation_id, scopes, granted_at)
        SELECT id, client_id, organisation_id, '{openid}', now() FROM users, popular;
      INSERT INTO roles (id, organisation_id, slug, name, created_at, updated_at)
        SELECT gen_random_uuid(), organisation_id, 'r' || n, 'Role', now(), now() FROM big, generate_series(1, 300) n;
      INSERT INTO permissions (id, slug, name, description, category)
        SELECT gen_random_uuid(), 'p' || n, 'Permission', '', '' FROM generate_series(1, 300) n;
      INSERT INTO role_permissions (role_id, permission_id)
        SELECT r.id, p.id FROM roles r, permissions p WHERE r.slug LIKE 'r%' AND p.slug LIKE 'p_0';
      INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_at)
        SELECT u.id, r.id, u.organisation_id, now() FROM users u, roles r WHERE r.slug = 'r1';
      INSERT INTO teams (id, organisation_id, slug, name, created_at, updated_at)
        SELECT gen_random_uuid(), organisation_id, 't' || n, 'Team', now(), now() FROM big, generate_series(1, 300) n;
      INSERT INTO team_members (user_id, team_id, organisation_id, joined_at)
        SELECT u.id, t.id, u.organisation_id, now() FROM users u, teams t WHERE t.slug IN ('t1', 't2');
      INSERT INTO role_assignments (team_id, role_id, organisation_id, granted_at, expires_at)
        SELECT t.id, r.id, t.organisation_id, now(), now() FROM teams t, roles r WHERE r.slug LIKE 'r_';
      INSERT INTO user_attribute_definitions (id, organisation_id, name, type, access, created_at, updated_at)
        SELECT gen_random_uuid(), organisation_id, 'a' || n, 'string', 'hidden', now(), now() FROM big, generate_series(1, 50) n;
      INSERT INTO user_attributes (user_id, attribute_id, position, organisation_id, value, key)
        SELECT u.id, d.id, 0, u.organisation_id, '"x"', '' FROM users u, user_attribute_definitions d WHERE d.name IN ('a1', 'a2', 'a3');
      INSERT INTO sessions (id, organisation_id, user_id, token_hash, auth_time, amr, last_activity_at, expires_at, created_at)
        SELECT gen_random_uuid(), organisation_id, id, sha256(email::bytea), now(), '{pwd}', now(), now() + interval '1 day',
          now() FROM users;
      INSERT INTO pending_authorization_requests (id, organisation_id, client_id, parameters, channel, browser_cookie_hash, created_at, expires_at)
        SELECT id::text, organisation_id, client_id, '{}', 'browser', 'x', now(), now() + interval '1 hour' FROM users, popular;
      INSERT INTO pushed_authorization_requests (reference_hash, organisation_id, client_id, parameters, created_at, expires_at)
        SELECT sha256(id::text::bytea), organisation_id, client_id, '{}', now(), now() + interval '1 minute' FROM users, popular;
      INSERT INTO grants (id, organisation_id, client_id, user_id, session_id, scopes, auth_time, amr, created_at)
        SELECT gen_random_uuid(), organisation_id, client_id, user_id, id, '{openid}', now(), '{pwd}', now()
        FROM sessions, popular;
      INSERT INTO refresh_token_families (id, organisation_id, grant_id, client_id, seed, rotated_at, expires_at)
        SELECT gen_random_uuid(), organisation_id, id, client_id, 'x', now(), now() + interval '1 day' FROM grants;
      INSERT INTO authorization_codes (code_hash, organisation_id, grant_id, client_id, redirect_uri, expires_at)
        SELECT sha256(id::text::bytea), organisation_id, id, client_id, 'x', now() + interval '1 minute' FROM grants;
      INSERT INTO revoked_tokens (jti, organisation_id, expires_at)
        SELECT id::text, organisation_id, now() + interval '1 hour' FROM grants;
      ANALYZE`)
    await filling.end()
    expect(await plans()).toEqual(direct)
  })
})
