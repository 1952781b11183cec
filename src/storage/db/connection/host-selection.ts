// Which of several hosts a connection goes to, as libpq selects one (PostgreSQL documentation, "Specifying Multiple Hosts"
// and `target_session_attrs`): `pg` takes one host only.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { monotonicNow } from '../../../lib/time/clock.ts'
import { describeFailure, describePlace, NoUsableHostError } from './connection-failure.ts'

export interface DatabaseHost {
  /** A name, an address, or the directory of a socket. */
  host: string
  port: number
}

export interface HostSelection {
  /**
   * The first host, in the order of the list, to which a connection can be opened and that accepts writes, if that is
   * needed. The one that was found last is tried first. Rejects with `NoUsableHostError`.
   */
  select(): Promise<DatabaseHost>
  /** After a connection to the selected host has failed: the next call tries all hosts again. */
  reset(): void
}

/** Connections that are opened together, as after a failover, ask the hosts once. */
const VALIDITY_MS = 1_000
/** A host that is silent does not keep the next one waiting for longer than this. */
const HEAD_START_MS = 300
/** Shorter than a request waits for a connection. */
export const PROBE_TIMEOUT_MS = 1_200

export function createHostSelection({
  hosts,
  mustWrite,
  openClient,
}: {
  hosts: readonly DatabaseHost[]
  mustWrite: boolean
  /** A client of this host that is not connected yet and gives up after `PROBE_TIMEOUT_MS`. */
  openClient: (host: DatabaseHost) => Client
}): HostSelection {
  let last: DatabaseHost | undefined
  let validUntil = -Infinity
  let search: Promise<DatabaseHost> | undefined

  async function probe(host: DatabaseHost): Promise<DatabaseHost> {
    const client = openClient(host)
    client.on('error', () => undefined)
    try {
      await client.connect()
      if (mustWrite && !(await acceptsWrites(client))) throw new Error('it accepts no writes')
      return host
    } catch (error) {
      throw new Error(`${describePlace(host)}: ${describeFailure(error)}`, { cause: error })
    } finally {
      void client.end().catch(() => undefined)
    }
  }

  async function searchHosts(): Promise<DatabaseHost> {
    const ordered = last === undefined ? hosts : [last, ...hosts.filter((host) => host !== last)]
    const probes: Promise<DatabaseHost>[] = []
    for (const host of ordered) {
      probes.push(probe(host))
      const found = await Promise.race([
        Promise.any(probes).catch(() => undefined),
        sleep(HEAD_START_MS, undefined, { ref: false }),
      ])
      if (found) return found
    }
    return Promise.any(probes).catch((error: unknown) => {
      const failures = error instanceof AggregateError ? (error.errors as Error[]) : []
      throw new NoUsableHostError(failures.map(({ message }) => message).join('; '), { cause: error })
    })
  }

  return {
    async select() {
      if (last !== undefined && monotonicNow() < validUntil) return last
      search ??= searchHosts().finally(() => (search = undefined))
      const found = await search
      last = found
      validUntil = monotonicNow() + VALIDITY_MS
      return found
    },
    reset() {
      validUntil = -Infinity
    },
  }
}

async function acceptsWrites(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ readOnly: string }>(
    `SELECT current_setting('transaction_read_only') AS "readOnly"`,
  )
  return rows[0]?.readOnly === 'off'
}
