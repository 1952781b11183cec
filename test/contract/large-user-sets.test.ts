import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { UserQuery } from '../../src/model/users/user-directory.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { listUsers } from '../../src/storage/users/list-users.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'

const NOW = new Date('2027-01-31T12:00:00Z')
/** One more than a list counts. */
const MANY = 10_001

let own: TestDatabase
let database: Database
let organisationId: string
let team: string
beforeAll(async () => {
  own = await createDatabase()
  const filling = new Client(own.connectionString)
  await filling.connect()
  // Without the triggers: nothing here is searched for text.
  await filling.query(`
    SET session_replication_role = replica;
    INSERT INTO organisations (id, slug, name, created_at, updated_at)
      VALUES (gen_random_uuid(), 'acme', 'Acme', now(), now());
    INSERT INTO users (id, organisation_id, email, email_key, created_at, updated_at)
      SELECT lpad(to_hex(n), 32, '0')::uuid, id, 'u' || n, 'u' || lpad(n::text, 5, '0'), now(), now()
      FROM organisations, generate_series(1, ${MANY + 9}) n;
    INSERT INTO memberships (user_id, organisation_id, state, joined_at, updated_at)
      SELECT id, organisation_id, CASE WHEN email IN ('u7', 'u8', 'u10005') THEN 'suspended' ELSE 'active' END, now(), now()
      FROM users;
    INSERT INTO roles (id, organisation_id, slug, name, created_at, updated_at)
      SELECT gen_random_uuid(), o.id, kind, kind, now(), now() FROM organisations o, unnest(ARRAY['many', 'few', 'team']) kind;
    INSERT INTO teams (id, organisation_id, slug, name, created_at, updated_at)
      SELECT gen_random_uuid(), o.id, kind, kind, now(), now() FROM organisations o, unnest(ARRAY['many', 'few']) kind;
    INSERT INTO role_assignments (organisation_id, user_id, role_id, granted_at)
      SELECT u.organisation_id, u.id, r.id, now() FROM users u, roles r
      WHERE r.slug = 'many' AND u.email_key <= 'u${MANY}' OR r.slug = 'few' AND u.email IN ('u3', 'u8', 'u10005');
    INSERT INTO team_members (organisation_id, user_id, team_id, joined_at)
      SELECT u.organisation_id, u.id, t.id, now() FROM users u, teams t
      WHERE t.slug = 'many' AND u.email_key > 'u00009' OR t.slug = 'few' AND u.email IN ('u5', 'u8', 'u10003');
    INSERT INTO role_assignments (organisation_id, team_id, role_id, granted_at)
      SELECT t.organisation_id, t.id, r.id, now() FROM teams t, roles r WHERE r.slug = 'team' AND t.slug = 'many';
    INSERT INTO user_attribute_definitions (id, organisation_id, name, type, access, created_at, updated_at)
      SELECT id, id, 'level', 'number', 'hidden', now(), now() FROM organisations;
    INSERT INTO user_attributes (user_id, attribute_id, position, organisation_id, value, key)
      SELECT id, organisation_id, 0, organisation_id, right(email, 1)::jsonb, sha256(right(email, 1)::bytea) FROM users;
    INSERT INTO user_attributes (user_id, attribute_id, position, organisation_id, value, key)
      SELECT id, organisation_id, 1, organisation_id, '42', sha256('42') FROM users WHERE email = 'u4711';
    ANALYZE`)
  const found = await filling.query<{ organisation: string; team: string }>(
    `SELECT organisation_id AS organisation, id AS team FROM teams WHERE slug = 'many'`,
  )
  organisationId = found.rows[0]?.organisation ?? ''
  team = found.rows[0]?.team ?? ''
  await filling.end()
  database = connectDatabase({ connection: own.connectionString, poolSize: 1, onError: () => {} })
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

const list = async (filter: Partial<UserQuery>) => {
  const page = { limit: 3, offset: 0, sort: { by: 'email', descending: false } as const }
  const { users, total, totalIsCapped } = await listUsers(database.pool, {
    organisationId,
    now: NOW,
    ...page,
    ...filter,
  })
  return { emails: users.map(({ email }) => email), total, totalIsCapped }
}
const last = { sort: { by: 'email', descending: true } } as const
const capped = { total: MANY - 1, totalIsCapped: true }
const exactly = (...emails: string[]) => ({ emails, total: emails.length, totalIsCapped: false })

it('lists users by roles and teams that many have, and by those that few have', async () => {
  expect(await list({ role: 'many' })).toEqual({ emails: ['u1', 'u2', 'u3'], ...capped })
  expect(await list({ role: 'many', ...last })).toEqual({ emails: ['u10001', 'u10000', 'u9999'], ...capped })
  expect(await list({ role: 'many', offset: 9_999 })).toEqual({ emails: ['u10000', 'u10001'], ...capped })
  expect(await list({ role: 'team' })).toEqual({ emails: ['u10', 'u11', 'u12'], ...capped })
  expect(await list({ team: 'many', ...last })).toEqual({ emails: ['u10010', 'u10009', 'u10008'], ...capped })
  expect(await list({ role: 'few' })).toEqual(exactly('u3', 'u8', 'u10005'))
  expect(await list({ team: 'few' })).toEqual(exactly('u5', 'u8', 'u10003'))
  expect(await list({ role: 'none' })).toEqual(exactly())
})

it('lists users by several filters at once', async () => {
  expect(await list({ role: 'many', team: 'few' })).toEqual(exactly('u5', 'u8'))
  expect(await list({ role: 'few', team: 'many' })).toEqual(exactly('u10005'))
  expect(await list({ role: 'few', team: 'few' })).toEqual(exactly('u8'))
  expect(await list({ role: 'many', status: 'suspended' })).toEqual(exactly('u7', 'u8'))
  expect(await list({ role: 'many', emailKey: 'u00042' })).toEqual(exactly('u42'))
  expect(await list({ role: 'many', emailKey: 'u10005' })).toEqual(exactly())
  expect(await list({ role: 'few', status: 'active' })).toEqual(exactly('u3'))
})

it('finds a rare value of an attribute by its index', async () => {
  expect(await list({ attributes: [{ id: organisationId, value: 42 }] })).toEqual(exactly('u4711'))
  expect((await list({ attributes: [{ id: organisationId, value: 7 }] })).total).toBe(1_001)
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT u.id FROM users u WHERE u.organisation_id = '${organisationId}' AND u.id IN (SELECT v.user_id
    FROM user_attributes v WHERE v.attribute_id = '${organisationId}' AND v.key = sha256('42'))`,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join(' ')
  expect(plan).toContain('user_attributes_attribute_id_key_user_id_idx')
  expect(plan).not.toContain('Seq Scan')
})

it('lists what a caller may see who administers a team', async () => {
  expect(await list({ teamIds: [team] })).toEqual({ emails: ['u10', 'u11', 'u12'], ...capped })
  expect(await list({ teamIds: [team], role: 'few' })).toEqual(exactly('u10005'))
  expect((await list({ teamIds: [team], role: 'many' })).emails).toEqual(['u10', 'u11', 'u12'])
  expect(await list({ teamIds: [] })).toEqual(exactly())
})
