import type { Pool, PoolClient } from 'pg'

/**
 * Runs `work` in one transaction on one connection: commits when it resolves, rolls back when it rejects. A connection
 * whose rollback fails, such as one that was lost, is closed.
 */
export async function inTransaction<Result>(
  pool: Pick<Pool, 'connect'>,
  work: (connection: PoolClient) => Promise<Result>,
): Promise<Result> {
  const connection = await pool.connect()
  // A lost connection fails the statement in progress, and is an event as well: without a listener, it ends the process.
  connection.on('error', ignoreLostConnection)
  let failure: Error | undefined
  try {
    await connection.query('BEGIN')
    const result = await work(connection)
    await connection.query('COMMIT')
    return result
  } catch (error) {
    await connection.query('ROLLBACK').catch((rollbackError: Error) => (failure = rollbackError))
    throw error
  } finally {
    connection.release(failure)
    connection.off('error', ignoreLostConnection)
  }
}

function ignoreLostConnection(): void {}
