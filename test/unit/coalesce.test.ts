import { describe, expect, it } from 'vitest'
import { coalesce } from '../../src/lib/coalesce.ts'

describe('calls that go out together', () => {
  /** Runs that end when they are told to, and what they were given. */
  function scripted(leftNothing: boolean) {
    const runs: { inputs: readonly number[]; succeed: () => void; fail: () => void }[] = []
    const call = coalesce<number, string>(
      (inputs) =>
        new Promise((resolve, reject) => {
          runs.push({
            inputs,
            succeed: () => resolve(inputs.map((input) => `answer ${input}`)),
            fail: () => reject(new Error('refused')),
          })
        }),
      () => leftNothing,
      { inFlight: 1, batch: 3 },
    )
    return { runs, call }
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  it('starts at once when nothing is under way, gathers meanwhile, and answers each call its own', async () => {
    const { runs, call } = scripted(true)
    const answers = Promise.all([1, 2, 3, 4, 5].map(call))
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1]])
    for (let index = 0; index < 3; index += 1) {
      runs[index]?.succeed()
      await turn()
    }
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1], [2, 3, 4], [5]])
    expect(await answers).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 4', 'answer 5'])
  })

  it('tries each input alone when a run was refused as a whole', async () => {
    const { runs, call } = scripted(true)
    const answers = Promise.allSettled([1, 2, 3].map(call))
    runs[0]?.succeed()
    await turn()
    runs[1]?.fail()
    await turn()
    expect(runs.slice(2).map(({ inputs }) => inputs)).toEqual([[2], [3]])
    runs[2]?.fail()
    runs[3]?.succeed()
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('does nothing again when it cannot be known what took effect', async () => {
    const { runs, call } = scripted(false)
    const answers = Promise.allSettled([1, 2, 3].map(call))
    runs[0]?.succeed()
    await turn()
    runs[1]?.fail()
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(runs).toHaveLength(2)
  })
})
