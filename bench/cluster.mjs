import { register } from 'tsx/esm/api'
import { startCerberus } from './servers/cerberus.mjs'

/** A throw-away PostgreSQL with these settings, whoever else has one to offer. How it is stopped goes to `stops`. */
export async function startCluster(stops, settings) {
  // A server that somebody else uses is no ground for a comparison.
  delete process.env.TEST_DATABASE_URL
  register()
  const { startTestCluster } = await import('../test/support/cluster.ts')
  const { stop, ...started } = await startTestCluster(settings)
  stops.push(stop)
  return started
}

/** This server, as built or as `program` names another build of it, over a PostgreSQL of its own. */
export async function startAlone(stops, program) {
  const { createDatabase } = await startCluster(stops)
  const { connectionString } = await createDatabase()
  const server = await startCerberus({ databaseUrl: connectionString, ...(program !== undefined && { program }) })
  stops.push(server.stop)
  return { server, connectionString }
}

/** Stops what was started, the last first. */
export async function stopEach(stops) {
  for (const stop of stops.toReversed()) await stop()
}
