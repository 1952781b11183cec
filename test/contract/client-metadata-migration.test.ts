import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyMigrations } from '../../src/storage/db/migrate.ts'
import { createEmptyDatabase, MIGRATIONS, type TestDatabase } from '../support/cluster.ts'

const MOVES = '20261121073000_client_metadata'
const ORGANISATION = '0197f3a0-0000-7000-8000-000000000000'

let database: TestDatabase
let client: Client
beforeAll(async () => {
  database = await createEmptyDatabase()
  client = new Client({ connectionString: database.connectionString })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

const migrate = (directory: string) =>
  applyMigrations({ connection: { connectionString: database.connectionString }, directory, log: () => {} })

async function register(clientId: string, metadata: object | undefined) {
  const now = new Date(0)
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO clients (id, organisation_id, client_id, name, client_type, token_endpoint_auth_method, created_at, updated_at)
     VALUES (gen_random_uuid(), $1, $2, 'Name', 'public', 'none', $3, $3) RETURNING id`,
    [ORGANISATION, clientId, now],
  )
  if (metadata === undefined) return
  await client.query(
    `INSERT INTO client_registrations (client_id, organisation_id, token_hash, metadata, created_at)
     VALUES ($1, $2, '\\x00', $3, $4)`,
    [rows[0]?.id, ORGANISATION, metadata, now],
  )
}

it('what clients have said of themselves becomes settings, each of its own client', async () => {
  const before = await mkdtemp(join(tmpdir(), 'cerberus-migrations-'))
  try {
    for (const name of await readdir(MIGRATIONS)) {
      if (name < MOVES) await cp(join(MIGRATIONS, name), join(before, name), { recursive: true })
    }
    await migrate(before)
  } finally {
    await rm(before, { recursive: true, force: true })
  }
  await client.query(
    `INSERT INTO organisations (id, slug, name, created_at, updated_at) VALUES ($1, 'acme', 'Acme', now(), now())`,
    [ORGANISATION],
  )
  await register('client_a', {
    application_type: 'native',
    initiate_login_uri: 'https://app.example.com/login',
    require_auth_time: true,
    software_id: 'a',
    software_version: '1',
    software_statement: 'a.b.c',
    'client_name#fr': 'Tout',
    'tos_uri#fr': 'https://app.example.com/cgu',
    'logo_uri#de-CH': 'https://app.example.com/logo.png',
  })
  await register('client_b', { application_type: 'web' })
  await register('client_c', undefined)

  expect(await migrate(MIGRATIONS)).toContain(MOVES)

  const { rows } = await client.query(
    `SELECT c.client_id, application_type, initiate_login_uri, require_auth_time, software_id, software_version, localised,
       metadata
     FROM clients c LEFT JOIN client_registrations r ON r.client_id = c.id ORDER BY c.client_id`,
  )
  const nothing = {
    application_type: 'web',
    initiate_login_uri: null,
    require_auth_time: false,
    software_id: null,
    software_version: null,
    localised: {},
  }
  expect(rows).toEqual([
    {
      client_id: 'client_a',
      application_type: 'native',
      initiate_login_uri: 'https://app.example.com/login',
      require_auth_time: true,
      software_id: 'a',
      software_version: '1',
      localised: {
        fr: { name: 'Tout', tosUri: 'https://app.example.com/cgu' },
        'de-CH': { logoUri: 'https://app.example.com/logo.png' },
      },
      metadata: { software_statement: 'a.b.c' },
    },
    { ...nothing, client_id: 'client_b', metadata: {} },
    { ...nothing, client_id: 'client_c', metadata: null },
  ])
})
