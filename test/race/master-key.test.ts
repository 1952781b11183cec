import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readOrCreateMasterKey } from '../../src/keys/master-key.ts'
import { mapConcurrently, repeat } from './race-report.ts'

const ROUNDS = 100
const CALLERS = 8

let place: string
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'cerberus-key-'))
})
afterAll(() => rm(place, { recursive: true, force: true }))

it('the master key of a data directory is created once under concurrency, and its file is never incomplete', async () => {
  const rounds = await mapConcurrently(repeat(ROUNDS), 1, async (_, round) => {
    const directory = join(place, String(round), 'data')
    const file = join(directory, 'secret.key')
    const making = Promise.all(repeat(CALLERS).map(() => readOrCreateMasterKey(directory)))
    const made = new AbortController()
    void making.catch(() => undefined).then(() => made.abort())
    const sizes = new Set<number>()
    for (; !made.signal.aborted; await nextTurn()) sizes.add(sizeOf(file))
    sizes.delete(ABSENT)
    const keys = await making
    expect(await readdir(directory)).toEqual(['secret.key'])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    return { keys: new Set(keys.map((key) => key.toString('hex'))).size, sizes: [...sizes] }
  })
  expect(rounds.filter(({ keys }) => keys !== 1)).toEqual([])
  expect(new Set(rounds.flatMap(({ sizes }) => sizes))).toEqual(new Set([WHOLE]))
})

const ABSENT = -1
/** 32 bytes in base64 and the end of the line. */
const WHOLE = 45

function sizeOf(file: string): number {
  try {
    return readFileSync(file).length
  } catch {
    return ABSENT
  }
}
