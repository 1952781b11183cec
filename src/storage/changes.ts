import { Client, type ClientConfig } from 'pg'

/** Tells what another process has changed. */
export interface ChangeFeed {
  /** Whether changes are being heard of. While false, nothing that was read before may be trusted. */
  readonly live: boolean
  close(): Promise<void>
}

export interface ChangeHandlers {
  /** The payload of a notification: a table, or `clients:<id>`. */
  onChange: (what: string) => void
  /** The feed has begun, or begun again: anything may have changed meanwhile. */
  onReset: () => void
}

const HEARTBEAT_MS = 5_000
const RECONNECT_MS = 500

/** Listens on a connection of its own and comes back by itself when it is lost, silently or not. */
export async function openChangeFeed(settings: ClientConfig, handlers: ChangeHandlers): Promise<ChangeFeed> {
  let live = false
  let closed = false
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const next = new Client({ ...settings, connectionTimeoutMillis: 5_000, query_timeout: 5_000, keepAlive: true })
    client = next
    const lost = () => {
      if (client !== next) return
      client = undefined
      live = false
      next.removeAllListeners('notification')
      void next.end().catch(() => {})
      if (!closed) timer = setTimeout(() => void connect(), RECONNECT_MS)
    }
    next.on('error', lost)
    next.on('end', lost)
    next.on('notification', ({ payload }) => handlers.onChange(payload ?? ''))
    try {
      await next.connect()
      await next.query('LISTEN cerberus_changes')
      handlers.onReset()
      live = true
      beat(next, lost)
    } catch {
      lost()
    }
  }

  /** A connection can die without a word; one that does not answer is given up. */
  function beat(on: Client, lost: () => void): void {
    timer = setTimeout(() => {
      void on.query('SELECT 1').then(() => client === on && beat(on, lost), lost)
    }, HEARTBEAT_MS)
    timer.unref()
  }

  await connect()
  return {
    get live() {
      return live
    },
    async close() {
      closed = true
      clearTimeout(timer)
      const last = client
      client = undefined
      live = false
      await last?.end().catch(() => {})
    },
  }
}
