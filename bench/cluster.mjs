import { register } from 'tsx/esm/api'
import { startCerberus } from './servers/cerberus.mjs'

/**
 * Starts a temporary PostgreSQL with these settings, even if TEST_DATABASE_URL is set. Adds its stop function to
 * `stops`.
 */
export async function startCluster(stops, settings) {
  // A PostgreSQL with other load would distort the comparison.
  delete process.env.TEST_DATABASE_URL
  register()
  const { startTestCluster } = await import('../test/support/cluster.ts')
  const { stop, ...started } = await startTestCluster(settings)
  stops.push(stop)
  return started
}

/** Starts this server, as built or as the other build `program`, over its own PostgreSQL. */
export async function startAlone(stops, program, flags = []) {
  const { createDatabase } = await startCluster(stops)
  const { connectionString } = await createDatabase()
  const server = await startCerberus({
    databaseUrl: connectionString,
    flags,
    ...(program !== undefined && { program }),
  })
  stops.push(server.stop)
  return { server, connectionString }
}

/** Stops everything that was started, in reverse order. */
export async function stopEach(stops) {
  for (const stop of stops.toReversed()) await stop()
}
