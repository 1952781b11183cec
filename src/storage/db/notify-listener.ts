import type { Client, ClientConfig } from 'pg'
import { PinnedClient } from './connection.ts'

/** Receives the notifications about changes by other processes. */
export interface NotifyListener {
  /** While false, changes may be missed, and cached data must not be used. */
  readonly connected: boolean
  close(): Promise<void>
}

export interface NotifyHandlers {
  /** The payload of a notification: a table, or `clients:<id>`. */
  onNotification: (payload: string) => void
  /** Connected, or connected again: any data may have changed meanwhile. */
  onConnected: () => void
}

const HEARTBEAT_INTERVAL_MS = 5_000
const RECONNECT_DELAY_MS = 500

/** Listens on a connection of its own and reconnects when it is lost, silently or not. */
export async function openNotifyListener(settings: ClientConfig, handlers: NotifyHandlers): Promise<NotifyListener> {
  let connected = false
  let closed = false
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    const next = new PinnedClient({ ...settings, query_timeout: 5_000 })
    client = next
    const handleDisconnect = () => {
      if (client !== next) return
      client = undefined
      connected = false
      next.removeAllListeners('notification')
      void next.end().catch(() => {})
      if (!closed) timer = setTimeout(() => void connect(), RECONNECT_DELAY_MS)
    }
    next.on('error', handleDisconnect)
    next.on('end', handleDisconnect)
    next.on('notification', ({ payload }) => handlers.onNotification(payload ?? ''))
    try {
      await next.connect()
      await next.query('LISTEN cerberus_changes')
      handlers.onConnected()
      connected = true
      scheduleHeartbeat(next, handleDisconnect)
    } catch {
      handleDisconnect()
    }
  }

  /** A connection can fail silently; one that does not respond is closed. */
  function scheduleHeartbeat(connection: Client, handleDisconnect: () => void): void {
    timer = setTimeout(() => {
      void connection
        .query('SELECT 1')
        .then(() => client === connection && scheduleHeartbeat(connection, handleDisconnect), handleDisconnect)
    }, HEARTBEAT_INTERVAL_MS)
    timer.unref()
  }

  await connect()
  return {
    get connected() {
      return connected
    },
    async close() {
      closed = true
      clearTimeout(timer)
      const openClient = client
      client = undefined
      connected = false
      await openClient?.end().catch(() => {})
    },
  }
}
