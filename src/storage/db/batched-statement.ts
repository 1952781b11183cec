import type pg from 'pg'
import { createMicroBatcher } from '../../lib/concurrency/micro-batcher.ts'
import { hadNoEffect } from './database-error.ts'

/** More callers than this waiting for a connection means that PostgreSQL cannot keep up: better to say so at once. */
const MAX_WAITING_STATEMENTS = 1_000

/**
 * A statement that is prepared once on each connection. `columns` turns the inputs of one run into its parameters, one
 * array a column, so that many calls cost one round trip and one commit.
 */
export function prepare<Row extends pg.QueryResultRow>(pool: pg.Pool, name: string, text: string) {
  return async (values: readonly unknown[]): Promise<Row[]> => {
    if (pool.waitingCount > MAX_WAITING_STATEMENTS) throw new Error('Too many statements wait for a connection.')
    const { rows } = await pool.query<Row>({ name, text, values: [...values] })
    return rows
  }
}

/** The values of one column over all inputs. */
export function toColumn<Input, Value>(inputs: readonly Input[], value: (input: Input) => Value): Value[] {
  return inputs.map(value)
}

/** Rows that carry the position of their input, put in the order of the inputs; undefined for one that has none. */
export function reorderByInput<Row extends { ord: number }>(rows: readonly Row[], count: number): (Row | undefined)[] {
  const ordered = Array.from<Row | undefined>({ length: count })
  for (const row of rows) ordered[row.ord - 1] = row
  return ordered
}

/** The latest `now` among inputs that run together: they arrived within moments of one another. */
export function maxNow(inputs: readonly { now: Date }[]): Date {
  return new Date(Math.max(...inputs.map(({ now }) => now.getTime())))
}

/** Lets calls that wait go out together as one statement; `run` sends it for all of them. */
export function batched<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
): (input: Input) => Promise<Output> {
  return createMicroBatcher(run, hadNoEffect)
}
