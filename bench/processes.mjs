// What the system knows of processes: how much CPU they used, how much memory they hold. Linux only.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'

const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** CPU milliseconds that a process used so far, all its threads together, to the microsecond where the kernel keeps that. */
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
 * A meter of everything below one process: call it before and after, the difference is CPU milliseconds. Children that
 * ended in between are known by what their parent was told of them.
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
  // What a child had used before it ended was counted before, and is counted again in its parent's sum.
  return gone.length === 0 ? known : known + after.ended - before.ended
}

/** Resident memory in MB. */
export function memoryOf(pid) {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) / 1024
}

/** The same of a process and its children together; what they share is counted for each. */
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

/** A port that nobody listened on a moment ago. */
export async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address()
  listener.close()
  await once(listener, 'close')
  return port
}
