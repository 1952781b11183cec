import { Client } from 'pg'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { completeSettings } from '../../src/clients/settings/schema.ts'
import type { ClientQuery } from '../../src/model/clients/client-repository.ts'
import { connectDatabase } from '../../src/storage/db/database.ts'
import { applyMigrations } from '../../src/storage/db/migrate.ts'
import { createRepositories } from '../../src/storage/repositories.ts'
import { MIGRATIONS } from '../support/cluster.ts'

// Databases of other locales, as an operator may have them. The C locale knows no letters beyond ASCII, and Turkish writes
// the capital of i with a dot.
const locales: [string, string][] = [
  ['C', `LOCALE_PROVIDER libc LOCALE 'C'`],
  ['tr', `LOCALE_PROVIDER icu ICU_LOCALE 'tr' LOCALE 'C'`],
]

const NAMES = [
  'zebra',
  'Zebra',
  'apple',
  'Äpfel',
  'äpfel',
  'Éclair',
  'E\u0301CLAIR TWO',
  'ISIL',
  'ışık',
  'a-b',
  'a b',
  'ab',
]

const cleanups: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const clean of cleanups.toReversed()) await clean()
})

async function execute(statement: string): Promise<void> {
  const client = new Client({ connectionString: inject('cluster').maintenance })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The clients of a database of this locale, by a query. */
async function createClients(locale: string) {
  const name = `cerberus_test_locale_${crypto.randomUUID().replaceAll('-', '')}`
  await execute(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' ${locale}`)
  cleanups.push(() => execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
  const url = new URL(inject('cluster').maintenance)
  url.pathname = `/${name}`
  await applyMigrations({ connection: { connectionString: url.href }, directory: MIGRATIONS, log: () => undefined })
  const database = connectDatabase({ connection: url.href, poolSize: 2, onError: () => {} })
  cleanups.push(() => database.close())
  const { clients, close } = await createRepositories(database, completeSettings)
  cleanups.push(close)
  const organisationId = crypto.randomUUID()
  await database.pool.query(
    `INSERT INTO organisations (id, slug, name, status, created_at, updated_at) VALUES ($1, 'o', 'O', 'active', now(), now())`,
    [organisationId],
  )
  await database.pool.query(
    `INSERT INTO clients (id, organisation_id, client_id, name, client_type, token_endpoint_auth_method, redirect_uris, created_at, updated_at)
      SELECT gen_random_uuid(), $1, 'client_' || n, name, 'public', 'none', '{https://APP.Indigo.example/callback}', now(), now()
      FROM unnest($2::text[]) WITH ORDINALITY AS names(name, n)`,
    [organisationId, NAMES],
  )
  return async (query: Partial<ClientQuery>) => {
    const sort = { by: 'name', descending: false } as const
    const page = await clients.list({ organisationId, limit: 100, offset: 0, sort, ...query })
    return page.clients.map((client) => client.name)
  }
}

describe.each(locales)('in a database with the locale %s', (_, locale) => {
  it('clients are sorted by code point, and found in any case', async () => {
    const list = await createClients(locale)
    expect(await list({})).toEqual([...NAMES].sort())
    expect(await list({ search: 'äPFEL' })).toEqual(['Äpfel', 'äpfel'])
    expect(await list({ search: 'éclair' })).toEqual(['E\u0301CLAIR TWO', 'Éclair'])
    expect(await list({ search: 'isil' })).toEqual(['ISIL'])
    expect(await list({ search: 'IŞIK' })).toEqual([])
    expect(await list({ search: 'ZEBRA' })).toEqual(['Zebra', 'zebra'])
    expect(await list({ redirectHost: 'app.INDIGO.example' })).toHaveLength(NAMES.length)
  })
})
