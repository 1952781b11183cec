import { createClient } from '@redis/client'
import { addSeconds } from '../../lib/time/clock.ts'
import {
  mergeIncrements,
  encodeCounterKey,
  distributeTotals,
  type RateLimitCounterStore,
} from '../../model/rate-limit/rate-limit-counter.ts'

// Incrementing and starting a window are one step: a counter without an expiry would lock out for ever.
const INCREMENT_SCRIPT = `
local answers = {}
for i, key in ipairs(KEYS) do
  local total = redis.call('INCRBY', key, ARGV[2 * i - 1])
  local left = redis.call('PTTL', key)
  if left < 0 then
    left = tonumber(ARGV[2 * i])
    redis.call('PEXPIRE', key, left)
  end
  answers[2 * i - 1] = total
  answers[2 * i] = left
end
return answers`

const KEY_PREFIX = 'cerberus:limits:'
const MAX_KEYS_PER_CALL = 1_000
const MIN_RETRY_DELAY_MS = 100
const MAX_RETRY_DELAY_MS = 1_000
/** A connection that is silent for this time is closed; pings keep a working one from being silent. */
const SOCKET_TIMEOUT_MS = 10_000
const PING_INTERVAL_MS = 4_000

/**
 * Counters in Valkey or Redis. Never waits for a connection: without one, every call rejects at once, while reconnecting
 * continues in the background. Windows end by the clock of that server.
 */
export function openValkeyRateLimitCounters(url: string): RateLimitCounterStore & { close(): Promise<void> } {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    pingInterval: PING_INTERVAL_MS,
    socket: {
      connectTimeout: 5_000,
      socketTimeout: SOCKET_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(MIN_RETRY_DELAY_MS * 2 ** Math.min(retries, 10), MAX_RETRY_DELAY_MS),
    },
  })
  // Reported as the cause of each call that fails.
  let connectionError: unknown
  client.on('error', (error) => (connectionError = error))
  client.connect().catch((error: unknown) => (connectionError = error))
  const requireReadyClient = () => {
    if (!client.isReady) throw new Error('Valkey or Redis is unreachable.', { cause: connectionError })
    return client
  }

  return {
    async increment(increments, now) {
      const distinct = [...mergeIncrements(increments)]
      const totals = new Map<string, { total: number; resetsAt: Date }>()
      for (let from = 0; from < distinct.length; from += MAX_KEYS_PER_CALL) {
        const batch = distinct.slice(from, from + MAX_KEYS_PER_CALL)
        const reply = (await requireReadyClient().eval(INCREMENT_SCRIPT, {
          keys: batch.map(([name]) => KEY_PREFIX + name),
          arguments: batch.flatMap(([, { amount, windowSeconds }]) => [String(amount), String(windowSeconds * 1000)]),
        })) as number[]
        batch.forEach(([name], index) => {
          const [total = 0, remainingMs = 0] = reply.slice(2 * index, 2 * index + 2)
          totals.set(name, { total, resetsAt: addSeconds(now, remainingMs / 1000) })
        })
      }
      return distributeTotals(increments, totals)
    },
    async reset(key) {
      await requireReadyClient().del(KEY_PREFIX + encodeCounterKey(key))
    },
    close() {
      if (client.isOpen) client.destroy()
      return Promise.resolve()
    },
  }
}
