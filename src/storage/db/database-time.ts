import type pg from 'pg'

/** Milliseconds since 1970 by the clock of PostgreSQL. */
export async function readDatabaseTime(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ time: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS time',
  )
  const [row] = rows
  if (!row) throw new Error('PostgreSQL returned no time.')
  return row.time
}
