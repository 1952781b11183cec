import type { TestProject } from 'vitest/node'
import { createTestClock } from './clock.ts'
import { startTestCluster } from './cluster.ts'
import { seed } from './seed.ts'

/** A crash of this cluster loses the tests with it, so nothing waits for the disk. Those of durability start their own. */
const VOLATILE = { fsync: 'off', full_page_writes: 'off' }

/** Runs once, before the first test file and after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cluster, createDatabase, stop } = await startTestCluster(VOLATILE)
  const { connectionString, drop } = await createDatabase()
  await seed(connectionString, createTestClock())
  project.provide('cluster', cluster)
  project.provide('seeded', new URL(connectionString).pathname.slice(1))
  return async () => {
    await drop()
    await stop()
  }
}
