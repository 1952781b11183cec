// Writes prisma/schema.sql from a database that has nothing but the migrations. Run by `npm run schema:dump`.
import { writeFile } from 'node:fs/promises'
import { startTestCluster } from '../test/support/cluster.ts'
import { dumpSchema } from '../test/support/schema-dump.ts'

const { createDatabase, stop } = await startTestCluster()
try {
  const { connectionString } = await createDatabase()
  await writeFile(new URL('../prisma/schema.sql', import.meta.url), await dumpSchema(connectionString))
} finally {
  await stop()
}
