import { Pool } from 'undici'

const TICK_MS = 20
const MOST_AT_ONCE = 64
/** Fraction of a code's lifetime after which a rejection may be caused by the fast clock. */
const LATE_SECONDS = 400

/** Number of client addresses: enough that counters turn over, few enough that all were used in the first third. */
const ADDRESSES = 2_048

/** A pool of connections with the interface of one. Each request comes from one of many addresses and is timed. */
export function openTraffic(url) {
  const pool = new Pool(url, { connections: 32, pipelining: 1 })
  const latencies = []
  return {
    latencies,
    connection: {
      async send({ method = 'GET', path, headers, body }) {
        const began = performance.now()
        const answer = await pool.request({
          method,
          path,
          headers: { ...headers, 'x-forwarded-for': address() },
          body,
        })
        const text = await answer.body.text()
        latencies.push(performance.now() - began)
        return { status: answer.statusCode, headers: answer.headers, text }
      },
    },
    close: () => pool.close(),
  }
}

function address() {
  const number = Math.floor(Math.random() * ADDRESSES)
  return `10.0.${number >> 8}.${number & 255}`
}

/**
 * Starts the actions at their rates, without waiting for earlier ones, until it is stopped. An action that failed after
 * its code or page had expired by the fast clock counts as late, not as wrong.
 */
export function drive(acts, { now, rate }) {
  const counts = { done: 0, late: 0, skipped: 0 }
  const wrong = []
  const due = new Map(Object.keys(acts).map((name) => [name, Math.random()]))
  const under = new Set()
  let last = performance.now()

  async function perform(name) {
    const began = now()
    try {
      await acts[name].act()
      counts.done += 1
    } catch (error) {
      if (now() - began > LATE_SECONDS) counts.late += 1
      else wrong.push(`${name}: ${error.message}`)
    }
  }

  const timer = setInterval(() => {
    const at = performance.now()
    for (const [name, { perSecond }] of Object.entries(acts)) {
      let amount = due.get(name) + (perSecond * rate * (at - last)) / 1000
      for (; amount >= 1; amount -= 1) {
        if (under.size >= MOST_AT_ONCE) counts.skipped += 1
        else {
          const performed = perform(name).finally(() => under.delete(performed))
          under.add(performed)
        }
      }
      due.set(name, amount)
    }
    last = at
  }, TICK_MS)

  return {
    counts,
    wrong,
    async stop() {
      clearInterval(timer)
      await Promise.all(under)
    },
  }
}
