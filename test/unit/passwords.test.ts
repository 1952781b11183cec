import { describe, expect, it } from 'vitest'
import { createArgon2id } from '../../src/authentication/factors/password/argon2id.ts'
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'

const PASSWORD = 'correct horse battery staple'
const cheap = createPasswords(1, createArgon2id({ memoryCost: 1024, timeCost: 2 }))
const passwords = createPasswords(1)
const verify = (hash: string | null, password = PASSWORD) =>
  passwords.verify(hash, password, new AbortController().signal)

describe('passwords', () => {
  it('are hashed at the recommended cost where no other is given', async () => {
    const hash = await passwords.hash(PASSWORD)
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await verify(hash)).toEqual({ correct: true, outdated: false })
    expect(await verify(hash, 'another')).toEqual({ correct: false, outdated: false })
  })

  it('are accepted with a hash of another cost, which is to be made anew', async () => {
    const hash = await cheap.hash(PASSWORD)
    expect(await verify(hash)).toEqual({ correct: true, outdated: true })
    expect(await verify(hash, 'another')).toEqual({ correct: false, outdated: false })
  })

  it('are wrong where there is no hash', async () => {
    expect(await verify(null)).toEqual({ correct: false, outdated: false })
  })
})
