import { describe, expect, it } from 'vitest'
import { createDatabaseClock, type TimeReading } from '../../src/lib/time/database-clock.ts'

const START = Date.UTC(2026, 10, 30)
const DAY = 86_400

/** A machine and a database whose clocks can be set. All times are milliseconds; the monotonic clock starts at 0. */
function createMachine({ wallAhead = 0 } = {}) {
  let monotonic = 0
  let wallOffset = START + wallAhead
  let databaseOffset = START
  const skews: (number | undefined)[] = []
  /** A reading whose answer was written after `before` of the `roundTrip`. */
  const read = (roundTrip = 2, before = roundTrip / 2): TimeReading => {
    const sentAt = monotonic
    monotonic += roundTrip
    return { sentAt, databaseTime: databaseOffset + sentAt + before, receivedAt: monotonic }
  }
  const clock = createDatabaseClock(read(), {
    wallClock: () => wallOffset + monotonic,
    monotonicClock: () => monotonic,
    onSkewChange: (seconds) => skews.push(seconds),
  })
  return {
    clock,
    skews,
    read,
    observe: (roundTrip?: number, before?: number) => clock.observe(read(roundTrip, before)),
    pass: (ms: number) => void (monotonic += ms),
    turnWall: (ms: number) => void (wallOffset += ms),
    turnDatabase: (ms: number) => void (databaseOffset += ms),
    /** Neither of the machine's clocks but the wall clock counts the time that the machine sleeps. */
    sleep(ms: number) {
      wallOffset += ms
      databaseOffset += ms
    },
    /** Milliseconds by which the clock is ahead of the database's. */
    error: () => clock.now().getTime() - (databaseOffset + monotonic),
  }
}

describe('the database clock', () => {
  it('goes by the time of the database, not by that of the machine', () => {
    const machine = createMachine({ wallAhead: 50_000 })
    expect(machine.error()).toBe(0)
    machine.pass(3_600_000)
    expect(machine.error()).toBe(0)
    machine.turnWall(-40_000)
    expect(machine.error()).toBe(0)
  })

  it('is as accurate as the fastest reading, however slow and lopsided the others were', () => {
    const machine = createMachine()
    for (const before of [0, 900, 450]) machine.observe(900, before)
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(1)
    const slow = createMachine()
    slow.observe(800, 0)
    slow.observe(4, 0)
    expect(Math.abs(slow.error())).toBeLessThanOrEqual(2)
  })

  it('follows a drift between readings', () => {
    const machine = createMachine()
    for (let second = 0; second < 600; second += 1) {
      machine.pass(998)
      machine.turnDatabase(0.2)
      machine.observe(2)
    }
    expect(Math.abs(machine.error())).toBeLessThanOrEqual(2)
  })

  it.each([59_000, -59_000])('follows a database that moved to a host whose clock is %i ms away', (jump) => {
    const machine = createMachine()
    machine.turnDatabase(jump)
    machine.observe()
    expect(machine.error()).toBe(0)
    expect(machine.skews).toEqual([])
  })

  it.each([30 * DAY, -30 * DAY])(
    'keeps its time when the database is suddenly %i s away from the machine',
    (seconds) => {
      const machine = createMachine()
      machine.turnDatabase(seconds * 1000)
      machine.observe()
      expect(machine.error()).toBe(-seconds * 1000)
      expect(machine.clock.excessiveSkewSeconds()).toBe(-seconds)
      expect(machine.clock.sweepTime()).toBeUndefined()
      machine.turnDatabase(-seconds * 1000)
      machine.observe()
      expect(machine.error()).toBe(0)
      expect(machine.clock.sweepTime()).toBeDefined()
      expect(machine.skews).toEqual([-seconds, undefined])
    },
  )

  it.each([0, 3 * DAY])('has the right time after the machine slept, its wall clock off by %i s or not', (seconds) => {
    const machine = createMachine()
    machine.sleep(8 * 3_600_000)
    machine.turnWall(seconds * 1000)
    machine.observe()
    expect(machine.error()).toBe(0)
  })

  it('follows the database, and deletes nothing, while the machine is more than a minute away', () => {
    const machine = createMachine()
    machine.turnWall(60_000)
    machine.observe()
    expect(machine.clock.excessiveSkewSeconds()).toBeUndefined()
    machine.turnWall(2_000)
    machine.observe()
    expect(machine.clock.excessiveSkewSeconds()).toBe(62)
    expect(machine.clock.sweepTime()).toBeUndefined()
    expect(machine.error()).toBe(0)
    machine.turnWall(-62_000)
    machine.observe()
    expect(machine.clock.sweepTime()).toBeDefined()
    expect(machine.skews).toEqual([62, undefined])
  })

  it('sweeps by a time that the database has reached, and by none when the last reading is old', () => {
    const machine = createMachine()
    machine.observe(500, 100)
    const { databaseTime } = machine.read()
    machine.observe()
    expect(machine.clock.sweepTime()?.getTime()).toBeGreaterThanOrEqual(Math.floor(databaseTime))
    expect(machine.clock.sweepTime()?.getTime()).toBeLessThanOrEqual(machine.clock.now().getTime())
    machine.pass(10_001)
    expect(machine.clock.sweepTime()).toBeUndefined()
  })
})
