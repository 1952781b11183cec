import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMicroBatcher } from '../../src/lib/concurrency/micro-batcher.ts'

describe('calls that go out together', () => {
  /** Batches that the test completes, with their inputs. */
  function scripted(leftNothing: boolean, maxConcurrentBatches = 1) {
    const runs: { inputs: readonly number[]; succeed: () => void; fail: () => void }[] = []
    const call = createMicroBatcher<number, string>(
      (inputs) =>
        new Promise((resolve, reject) => {
          runs.push({
            inputs,
            succeed: () => resolve(inputs.map((input) => `answer ${input}`)),
            fail: () => reject(new Error('refused')),
          })
        }),
      () => leftNothing,
      { maxConcurrentBatches, maxBatchSize: 3, maxWaitMs: 5 },
    )
    return { runs, call }
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  it('sends what came in one turn together, gathers while that is under way, and answers each call its own', async () => {
    const { runs, call } = scripted(true)
    const answers = [1, 2].map(call)
    expect(runs).toHaveLength(0)
    await turn()
    answers.push(...[3, 4, 5, 6].map(call))
    await turn()
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1, 2]])
    for (let index = 0; index < 3; index += 1) {
      runs[index]?.succeed()
      await turn()
      await turn()
    }
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1, 2], [3, 4, 5], [6]])
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6].map((input) => `answer ${input}`))
  })

  it('tries each input alone when a run was refused as a whole', async () => {
    const { runs, call } = scripted(true)
    const answers = Promise.allSettled([1, 2].map(call))
    await turn()
    runs[0]?.fail()
    await turn()
    expect(runs.slice(1).map(({ inputs }) => inputs)).toEqual([[1], [2]])
    runs[1]?.fail()
    runs[2]?.succeed()
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('does nothing again when it cannot be known what took effect', async () => {
    const { runs, call } = scripted(false)
    const answers = Promise.allSettled([1, 2].map(call))
    await turn()
    runs[0]?.fail()
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(runs).toHaveLength(1)
  })

  it('goes beside a run that is under way when it is full', async () => {
    const { runs, call } = scripted(true, 2)
    void call(1)
    await turn()
    for (const input of [2, 3]) void call(input)
    await turn()
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1]])
    for (const input of [4, 5, 6, 7, 8]) void call(input)
    await turn()
    await turn()
    // Of what waits, a third run would be full as well: but two are under way.
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1], [2, 3, 4]])
  })

  it('goes beside a run that is held up, full or not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { runs, call } = scripted(true, 2)
    void call(1)
    await turn()
    const answer = call(2)
    vi.advanceTimersByTime(4)
    await turn()
    expect(runs).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await turn()
    expect(runs.map(({ inputs }) => inputs)).toEqual([[1], [2]])
    runs[1]?.succeed()
    expect(await answer).toBe('answer 2')
    expect(vi.getTimerCount()).toBe(0)
  })
})
