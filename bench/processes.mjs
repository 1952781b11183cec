// CPU time and memory of processes, from /proc. Linux only.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'

const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** CPU milliseconds used by all threads of a process, with microsecond precision if the kernel provides it. */
export function cpuOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  const total = nanoseconds.reduce((sum, each) => sum + each, 0)
  if (total > 0) return total / 1e6
  const { user, system } = statOf(pid)
  return user + system
}

/**
 * A meter for a process and its descendants: the difference between two calls is CPU milliseconds. Children that exited
 * in between are included through the counters of their parent.
 */
export function cpuBelow(parent) {
  const children = new Map()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (statOf(entry).parent === parent) children.set(entry, cpuOf(entry))
    } catch {
      // It ended while we looked.
    }
  }
  return { children, ended: statOf(parent).childrenEnded, own: cpuOf(parent) }
}

export function cpuBetween(before, after) {
  const sum = (children) => [...children.values()].reduce((total, each) => total + each, 0)
  const gone = [...before.children].filter(([pid]) => !after.children.has(pid))
  const known = sum(after.children) - sum(before.children) + after.own - before.own
  // The CPU of an exited child was counted before, and is counted again in the counters of its parent.
  return gone.length === 0 ? known : known + after.ended - before.ended
}

/** Resident memory in MB. */
export function memoryOf(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) / 1024
}

/** Resident memory in MB of a process and its children; shared pages are counted for each. */
export function memoryBelow(parent) {
  return [...cpuBelow(parent).children.keys(), parent].reduce((sum, pid) => sum + memoryOf(pid), 0)
}

export function parentOf(pid) {
  return statOf(pid).parent
}

function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ms = (index) => Number(fields[index]) * TICK_MS
  return { parent: Number(fields[1]), user: ms(11), system: ms(12), childrenEnded: ms(13) + ms(14) }
}

/** A free port. */
export async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address()
  listener.close()
  await once(listener, 'close')
  return port
}
