import { readdirSync, readFileSync } from 'node:fs'
import { Client } from 'pg'

/** Measures everything that could grow: from outside of the server, except for its heap. */
export async function openSampler(databaseUrl, { meter, server, postmaster }) {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => undefined)
  await client.connect()
  const database = new URL(databaseUrl).pathname.slice(1)
  let statements = await meter.statements(database)
  return {
    async take(latencies) {
      const tables = await readTables(client)
      const sent = await meter.statements(database)
      const requests = latencies.length
      const sorted = Float64Array.from(latencies.splice(0)).sort()
      const sample = {
        tables,
        ...(await server.ask('sample')),
        postgres: privateMemoryBelow(postmaster),
        requests,
        p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
        statements: (sent - statements) / Math.max(1, requests),
      }
      statements = sent
      return sample
    },
    close: () => client.end(),
  }
}

/** By table name: counted rows, dead rows as PostgreSQL estimates them, bytes with indexes. */
async function readTables(client) {
  const { rows: names } = await client.query(
    `SELECT relname AS name, n_dead_tup::float8 AS dead, pg_total_relation_size(relid)::float8 AS bytes
     FROM pg_stat_user_tables ORDER BY relname`,
  )
  const tables = {}
  for (const { name, dead, bytes } of names) {
    const { rows } = await client.query(`SELECT count(*)::float8 AS rows FROM "${name}"`)
    tables[name] = { rows: rows[0].rows, dead, bytes }
  }
  return tables
}

/** Private memory of the PostgreSQL processes in bytes. */
function privateMemoryBelow(postmaster) {
  let total = 0
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const status = readFileSync(`/proc/${entry}/status`, 'utf8')
      const parent = Number(/PPid:\s+(\d+)/.exec(status)[1])
      if (parent === postmaster || Number(entry) === postmaster) {
        total += Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
      }
    } catch {
      // It ended while we looked.
    }
  }
  return total
}
