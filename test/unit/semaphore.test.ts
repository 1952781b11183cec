import { describe, expect, it } from 'vitest'
import { createSemaphore, SemaphoreUnavailable } from '../../src/lib/concurrency/semaphore.ts'

const LONG = 1_000_000

/** Tasks that the test completes, and the names of those that have started. */
function scripted() {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const task = (name: string) => () =>
    new Promise<string>((resolve) => {
      begun.push(name)
      ends.set(name, () => resolve(name))
    })
  return { begun, task, end: (name: string) => ends.get(name)?.() }
}

describe('a semaphore', () => {
  it('admits at most maxConcurrency tasks, and the others in order', async () => {
    const { begun, task, end } = scripted()
    const gate = createSemaphore({ maxConcurrency: 2, maxQueued: 10, queueTimeoutMs: LONG })
    const all = ['a', 'b', 'c', 'd'].map((name) => gate(task(name)))
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await all[1]
    await new Promise(setImmediate)
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const name of ['a', 'c', 'd']) {
      end(name)
      await new Promise(setImmediate)
    }
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('turns away who finds the queue full', async () => {
    const { task, end } = scripted()
    const gate = createSemaphore({ maxConcurrency: 1, maxQueued: 1, queueTimeoutMs: LONG })
    const first = gate(task('first'))
    const second = gate(task('second'))
    await expect(gate(task('third'))).rejects.toThrow(SemaphoreUnavailable)
    end('first')
    await first
    await new Promise(setImmediate)
    end('second')
    expect(await second).toBe('second')
  })

  it('rejects a task that has waited too long, and frees its place', async () => {
    const { begun, task, end } = scripted()
    const gate = createSemaphore({ maxConcurrency: 1, maxQueued: 10, queueTimeoutMs: 20 })
    const first = gate(task('first'))
    await expect(gate(task('late'))).rejects.toThrow(SemaphoreUnavailable)
    end('first')
    await first
    const next = gate(task('next'))
    expect(begun).toEqual(['first', 'next'])
    end('next')
    await next
  })

  it('forgets who has gone away, and tells him why', async () => {
    const { begun, task, end } = scripted()
    const gate = createSemaphore({ maxConcurrency: 1, maxQueued: 1, queueTimeoutMs: LONG })
    const first = gate(task('first'))
    const gone = new AbortController()
    const reason = new Error('gone')
    const second = gate(task('second'), gone.signal)
    gone.abort(reason)
    await expect(second).rejects.toBe(reason)
    await expect(gate(task('dead'), gone.signal)).rejects.toBe(reason)
    const third = gate(task('third'))
    end('first')
    await first
    await new Promise(setImmediate)
    expect(begun).toEqual(['first', 'third'])
    end('third')
    await third
  })

  it('goes on after a task that failed', async () => {
    const { task, end } = scripted()
    const gate = createSemaphore({ maxConcurrency: 1, maxQueued: 10, queueTimeoutMs: LONG })
    await expect(gate(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    const next = gate(task('next'))
    end('next')
    expect(await next).toBe('next')
  })
})
