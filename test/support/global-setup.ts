import type { TestProject } from 'vitest/node'
import { startTestCluster } from './cluster.ts'

/** Runs once, before the first test file and after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cluster, stop } = await startTestCluster()
  project.provide('cluster', cluster)
  return stop
}
