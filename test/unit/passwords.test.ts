import { describe, expect, it } from 'vitest'
import { createArgon2id } from '../../src/authentication/factors/password/argon2id.ts'
import { passwordIssues } from '../../src/authentication/factors/password/password-policy.ts'
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

describe('a new password (NIST SP 800-63B §3.1.1.2)', () => {
  const owner = { email: 'Ada.Lovelace@Acme.test', name: 'Ada Lovelace' }

  it.each([
    ['kein-zeichen-zwang', 'needs no upper-case letter, digit or special character'],
    ['12 hours of rain', 'may contain spaces'],
    ['täglich 🌧️', 'may contain any character'],
    ['x7'.repeat(3) + 'ab', 'may repeat a part'],
    ['ada.lovelace@acme.test!', 'may contain the e-mail address'],
    ['kd82-'.padEnd(1024, 'lorem ipsum dolor '), 'may have 1024 bytes'],
  ])('%j: %s', (password) => {
    expect(passwordIssues(password, owner)).toEqual([])
  })

  it.each([
    ['kd82-mw', 'at least 8 characters'],
    // Five code points, ten UTF-16 units.
    ['🌧🌧🌩🌪🌫', 'at least 8 characters'],
    // Seven characters, which NFD writes as fourteen.
    ['äöüéèàç'.normalize('NFD'), 'at least 8 characters'],
    ['kd82-'.padEnd(1025, 'lorem ipsum dolor '), 'at most 1024 bytes'],
    ['ä'.repeat(511) + 'xyz', 'at most 1024 bytes'],
    ['Password123', 'most common'],
    // NFKC: full-width letters.
    ['ｐａｓｓｗｏｒｄ', 'most common'],
    ['aaaaaaaaaaaa', 'most common'],
    ['abcabcabcabc', 'most common'],
    ['passwordPASSWORD', 'most common'],
    ['12345678', 'most common'],
    ['9876543210', 'most common'],
    ['stuvwxyz', 'most common'],
    ['         ', 'most common'],
    ['ada.lovelace@ACME.test', 'e-mail address or name'],
    ['Ada.Lovelace', 'e-mail address or name'],
    ['adalovelace', 'e-mail address or name'],
    ['ada lovelace', 'e-mail address or name'],
    ['lovelaceada', 'e-mail address or name'],
    ['kd82-mw4\ud800', 'surrogate pair'],
  ])('rejects %j', (password, issue) => {
    expect(passwordIssues(password, owner)).toEqual([expect.stringContaining(issue)])
  })

  it('is compared without a name as well', () => {
    expect(passwordIssues('ada lovelace', { email: owner.email })).toEqual([])
    expect(passwordIssues('ada lovelace', { email: owner.email, name: null })).toEqual([])
  })
})
