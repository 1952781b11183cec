import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createDatabase } from '../support/cluster.ts'
import { dumpSchema } from '../support/schema-dump.ts'

const SCHEMA = fileURLToPath(new URL('../../prisma/schema.sql', import.meta.url))

it('prisma/schema.sql is what the migrations make; `npm run schema:dump` writes it', async () => {
  const { connectionString, drop } = await createDatabase()
  try {
    expect(await dumpSchema(connectionString)).toBe(await readFile(SCHEMA, 'utf8'))
  } finally {
    await drop()
  }
})
