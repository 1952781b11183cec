import { createClient } from '@redis/client'
import { addSeconds } from '../lib/clock.ts'
import { joinCounts, nameOf, shareTotals, type CounterStore } from '../model/counter.ts'

// Adding and beginning a window are one step, whatever else happens: a counter without an end would lock out for ever.
const ADD = `
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

const PREFIX = 'cerberus:limits:'
const MOST_KEYS = 1_000
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 1_000
/** A connection that says nothing for so long is given up; a ping each few seconds keeps one that lives from silence. */
const SILENCE_MS = 10_000
const PING_MS = 4_000

/**
 * Counters in Valkey or Redis. Never waits for a connection: without one, every call rejects at once, and connecting goes
 * on in the background for ever. Windows end by the clock of that server.
 */
export function openValkeyCounters(url: string): CounterStore & { close(): Promise<void> } {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: 5_000,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(retries, 10), LONGEST_RETRY_MS),
    },
  })
  // What is wrong with the connection, every call that it fails tells.
  let reason: unknown
  client.on('error', (error) => (reason = error))
  client.connect().catch((error: unknown) => (reason = error))
  const ready = () => {
    if (!client.isReady) throw new Error('Valkey or Redis is out of reach.', { cause: reason })
    return client
  }

  return {
    async add(counts, now) {
      const distinct = [...joinCounts(counts)]
      const sums = new Map<string, { total: number; endsAt: Date }>()
      for (let from = 0; from < distinct.length; from += MOST_KEYS) {
        const part = distinct.slice(from, from + MOST_KEYS)
        const answers = (await ready().eval(ADD, {
          keys: part.map(([name]) => PREFIX + name),
          arguments: part.flatMap(([, { amount, window }]) => [String(amount), String(window * 1000)]),
        })) as number[]
        part.forEach(([name], index) => {
          const [total = 0, left = 0] = answers.slice(2 * index, 2 * index + 2)
          sums.set(name, { total, endsAt: addSeconds(now, left / 1000) })
        })
      }
      return shareTotals(counts, sums)
    },
    async clear(key) {
      await ready().del(PREFIX + nameOf(key))
    },
    close() {
      if (client.isOpen) client.destroy()
      return Promise.resolve()
    },
  }
}
