import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../support/app.ts'

const DAY = 86_400

describe('a token that was verified before', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('is verified as long as its key is published, as what it is, and not a moment longer', async () => {
    const { signer, clock } = test
    const token = await signer.sign({ sub: 'somebody' }, 'ES256', 'JWT')
    for (let times = 0; times < 3; times += 1) expect(await signer.verify(token, 'JWT')).toEqual({ sub: 'somebody' })
    expect(await signer.verify(token, 'at+jwt')).toBeUndefined()

    clock.advance(31 * DAY)
    await signer.maintain()
    expect(await signer.verify(token, 'JWT')).toEqual({ sub: 'somebody' })

    clock.advance(31 * DAY)
    await signer.maintain()
    expect(await signer.verify(token, 'JWT')).toBeUndefined()
  })
})
