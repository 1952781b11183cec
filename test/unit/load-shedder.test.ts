import { describe, expect, it } from 'vitest'
import { createLoadShedder } from '../../src/lib/concurrency/load-shedder.ts'
import { createTokenBucket } from '../../src/lib/concurrency/token-bucket.ts'
import { createTestClock } from '../support/clock.ts'

/** A load shedder in front of a server that completes a given number of requests per second. */
function scripted() {
  const clock = createTestClock()
  const backlog = createLoadShedder(clock)
  const underWay: object[] = []
  const arrive = (count: number) => {
    let refused = 0
    for (let index = 0; index < count; index += 1) {
      if (backlog.isOverloaded()) {
        refused += 1
        continue
      }
      const work = {}
      backlog.start(work)
      underWay.push(work)
    }
    return refused
  }
  const finish = (count: number) => {
    for (const work of underWay.splice(0, count)) backlog.finish(work)
  }
  return {
    clock,
    backlog,
    arrive,
    finish,
    /** Answers how many were refused. */
    serve({ seconds, perSecond, crowd }: { seconds: number; perSecond: number; crowd: number }): number {
      let refused = 0
      for (let tick = 0; tick < seconds * 100; tick += 1) {
        refused += arrive(crowd - underWay.length)
        // Requests arrive continuously.
        backlog.isOverloaded()
        clock.advance(0.01)
        finish(perSecond / 100)
      }
      return refused
    },
  }
}

describe('a backlog', () => {
  it('lets a crowd in at once, and no more', () => {
    const { arrive } = scripted()
    expect(arrive(1_024)).toBe(0)
    expect(arrive(3)).toBe(3)
  })

  it('counts what waits to be begun', () => {
    const { backlog, arrive } = scripted()
    arrive(1_000)
    expect(backlog.isOverloaded(23)).toBe(false)
    expect(backlog.isOverloaded(24)).toBe(true)
  })

  it.each([
    { crowd: 256, perSecond: 300 },
    { crowd: 1_000, perSecond: 800 },
  ])('is not full with $crowd that wait for one another on a slow machine', ({ crowd, perSecond }) => {
    expect(scripted().serve({ seconds: 20, perSecond, crowd })).toBe(0)
  })

  it('grows with what is done: half a second of it may wait', () => {
    const { serve, arrive, backlog } = scripted()
    expect(serve({ seconds: 5, perSecond: 10_000, crowd: 1_000 })).toBe(0)
    arrive(100_000)
    expect(backlog.stats().inFlight).toBeGreaterThan(4_900)
    expect(backlog.stats().inFlight).toBeLessThan(5_100)
  })

  it('lets in less than a crowd where that would wait too long: a second of what is done', () => {
    const { serve, backlog } = scripted()
    expect(serve({ seconds: 10, perSecond: 500, crowd: 1_000 })).toBeGreaterThan(0)
    expect(backlog.stats().inFlight).toBeLessThan(510)
    expect(backlog.stats().inFlight).toBeGreaterThan(450)
  })

  it('lets in few while nothing is done, and everybody when it is over', () => {
    const { clock, arrive, finish, serve } = scripted()
    expect(serve({ seconds: 3, perSecond: 0, crowd: 600 })).toBe(0)
    expect(arrive(1)).toBe(1)
    finish(600)
    clock.advance(0.1)
    expect(arrive(1_000)).toBe(0)
  })

  it('counts an end once, and only of what was begun', () => {
    const { backlog } = scripted()
    const work = {}
    backlog.finish(work)
    backlog.start(work)
    backlog.finish(work)
    backlog.finish(work)
    expect(backlog.stats().inFlight).toBe(0)
  })

  it('outlasts a clock that is set back', () => {
    const { clock, backlog, serve } = scripted()
    serve({ seconds: 3, perSecond: 1_000, crowd: 500 })
    clock.advance(-3600)
    expect(serve({ seconds: 1, perSecond: 1_000, crowd: 500 })).toBe(0)
    expect(backlog.stats().completedPerSecond).toBeGreaterThan(900)
    expect(backlog.stats().completedPerSecond).toBeLessThan(1_100)
  })
})

describe('a token bucket', () => {
  it('allows a burst, and then a rate per second', () => {
    const clock = createTestClock()
    const mayGo = createTokenBucket(200, clock)
    const went = (tries: number) => Array.from({ length: tries }, () => mayGo()).filter(Boolean).length
    expect(went(300)).toBe(200)
    clock.advance(0.01)
    expect(went(300)).toBe(2)
    clock.advance(3600)
    expect(went(300)).toBe(200)
    clock.advance(-3600)
    expect(went(300)).toBe(0)
    clock.advance(0.5)
    expect(went(300)).toBe(100)
  })
})
