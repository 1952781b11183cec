import { Client } from 'pg'
import { markdown } from './report.mjs'

/**
 * The tables of a database, largest first: rows as PostgreSQL counts them, dead rows, bytes of the table and of its
 * indexes.
 */
export async function sizesOf(databaseUrl) {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query(
    `SELECT s.relname AS table, c.reltuples::float8 AS rows, s.n_dead_tup::float8 AS dead,
       pg_table_size(s.relid)::float8 AS bytes, pg_indexes_size(s.relid)::float8 AS "indexBytes"
     FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid ORDER BY pg_total_relation_size(s.relid) DESC`,
  )
  await client.end()
  return rows
}

/** The same as bytes per row in a Markdown table, for tables with enough rows. */
export function describeSizes(sizes) {
  const lines = sizes
    .filter(({ rows }) => rows >= 10_000)
    .map(({ table, rows, bytes, indexBytes }) => [
      table,
      rows.toLocaleString('en'),
      Math.round(bytes / rows),
      Math.round(indexBytes / rows),
      Math.round((bytes + indexBytes) / 2 ** 20).toLocaleString('en'),
    ])
  return markdown([['table', 'rows', 'bytes a row', 'of indexes', 'MB'], ...lines])
}
