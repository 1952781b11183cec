import { describe, expect, it } from 'vitest'
import { createArgon2id } from '../../src/authentication/factors/password/argon2id.ts'
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'

const passwords = createPasswords(2, createArgon2id({ memoryCost: 1024, timeCost: 2 }))
const verify = (hash: string | null, password: string) => passwords.verify(hash, password, new AbortController().signal)

const hex = (text: string) => Buffer.from(text, 'hex').toString('base64')
const text = (value: string) => Buffer.from(value).toString('base64')

/** Published test vectors. */
const vectors: readonly [source: string, password: string, hash: string][] = [
  [
    'Argon2id: test.c of the reference implementation',
    'password',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ],
  [
    'Argon2i: README of the reference implementation',
    'password',
    '$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG',
  ],
  ['bcrypt: crypt_blowfish', 'U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['bcrypt, as PHP names it', 'U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  ['bcrypt, as OpenBSD names it', 'U*U*', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  [
    'PBKDF2 with SHA-1: RFC 6070 §2',
    'password',
    `$pbkdf2$4096$${text('salt')}$${hex('4b007901b765489abead49d926f721d065a429c1')}`,
  ],
  [
    'PBKDF2 with SHA-256: RFC 7914 §11',
    'passwd',
    `$pbkdf2-sha256$i=1$${text('salt')}$${hex(
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
    )}`,
  ],
  [
    'PBKDF2 with SHA-512',
    'password',
    `$pbkdf2-sha512$i=1,l=64$${text('salt')}$${hex(
      '867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce',
    )}`,
  ],
  [
    'scrypt: RFC 7914 §12',
    'pleaseletmein',
    `$scrypt$ln=14,r=8,p=1$${text('SodiumChloride')}$${hex(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    )}`,
  ],
  [
    'Firebase: README of firebase/scrypt',
    'user1password',
    '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  ],
  [
    'SSHA512',
    'password',
    '{SSHA512}dOeDLmVpHJThhHeag10Hm2g4T7s3SBE6rGHcXUolXJHVufY4qT782rwZ/0XE6cuLcBZ0KpnwmUzRpAEtZBdv+JYEEtZQs/uC',
  ],
  ['MD5: RFC 1321 §A.5', 'message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ['SHA-1: FIPS 180', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['SHA-256: FIPS 180', 'abc', 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD'],
  ['SHA-1 in LDAP', 'abc', `{SHA}${hex('a9993e364706816aba3e25717850c26c9cd0d89d')}`],
  // The vector of `abc`, as a password with a salt.
  ['SHA-1 with a salt after the password', 'ab', `$sha1$${text('c')}$a9993e364706816aba3e25717850c26c9cd0d89d`],
  [
    'SHA-1 with a salt before the password',
    'bc',
    `$sha1$order=salt-password$${text('a')}$a9993e364706816aba3e25717850c26c9cd0d89d`,
  ],
  ['SSHA', 'ab', `{SSHA}${hex('a9993e364706816aba3e25717850c26c9cd0d89d63')}`],
  ['SSHA256', 'ab', `{SSHA256}${hex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad63')}`],
  ['SHA-256 by its name', 'abc', '$sha256$$ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
]

describe('an imported hash', () => {
  it.each(vectors)('%s', async (_source, password, hash) => {
    expect(passwords.isImportable(hash)).toBe(true)
    const stored = (await passwords.importHash(hash)) ?? ''
    expect(await verify(stored, password)).toEqual({ correct: true, outdated: true })
    expect(await verify(stored, `${password}!`)).toEqual({ correct: false, outdated: false })
  })

  it.each(vectors.slice(10))('%s is never stored or verified as it is', async (_source, password, hash) => {
    expect(await passwords.importHash(hash)).toMatch(/^\$digest\$[^$]+\$[^$]*\$argon2id\$v=19\$m=1024,t=2,p=1\$/)
    expect(await verify(hash, password)).toEqual({ correct: false, outdated: false })
  })

  it('is that of the password as it was entered, or in the form that is hashed here', async () => {
    const [entered, normalised] = ['ﬁne', 'fine']
    for (const hash of [
      await passwords.hash(normalised),
      await createArgon2id({ memoryCost: 1024, timeCost: 2 }).hash(entered),
    ]) {
      expect((await verify(hash, entered)).correct).toBe(true)
    }
  })

  const salt = text('salt')
  const key = text('a key of sixteen')
  it.each([
    [
      'Argon2 with too much memory',
      '$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    ],
    [
      'Argon2 with too many passes',
      '$argon2id$v=19$m=65536,t=9,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    ],
    ['Argon2 without passes', '$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    [
      'Argon2 with less memory than its lanes need',
      '$argon2i$v=19$m=8,t=1,p=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    ],
    ['bcrypt of a high cost', '$2b$13$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['bcrypt of a cost that there is not', '$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['PBKDF2 with too many iterations', `$pbkdf2-sha256$i=1300001$${salt}$${key}`],
    [
      'PBKDF2 with too many iterations for the length of its key',
      `$pbkdf2-sha256$i=600000$${salt}$${hex('00'.repeat(65))}`,
    ],
    ['PBKDF2 without iterations', `$pbkdf2-sha256$i=0$${salt}$${key}`],
    ['PBKDF2 with a short key', `$pbkdf2-sha256$i=1000$${salt}$${text('short')}`],
    ['PBKDF2 with an unknown digest', `$pbkdf2-md5$i=1000$${salt}$${key}`],
    ['scrypt of a high cost', `$scrypt$ln=17,r=9,p=1$${salt}$${key}`],
    ['scrypt that runs often', `$scrypt$ln=14,r=8,p=9$${salt}$${key}`],
    ['scrypt of no cost', `$scrypt$ln=0,r=8,p=1$${salt}$${key}`],
    [
      'Firebase of a high cost',
      `$fbscrypt$v=1,n=18,r=8,p=1,ss=Bw==,sk=${hex('00'.repeat(64))}$${salt}$${hex('00'.repeat(64))}`,
    ],
    ['Firebase with a short hash', `$fbscrypt$v=1,n=14,r=8,p=1,sk=${hex('00'.repeat(64))}$${salt}$${key}`],
    ['a salt of LDAP that is missing', `{SSHA}${hex('a9993e364706816aba3e25717850c26c9cd0d89d')}`],
    ['a short digest', '$sha256$$a9993e364706816aba3e25717850c26c9cd0d89d'],
    [
      'a digest that is wrapped already',
      '$digest$md5,password-salt$$argon2id$v=19$m=1048576,t=9,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    ],
    ['crypt of DES', 'ab01FAX.bQRSU'],
    ['a password', 'correct horse battery staple'],
    ['a long text', `$pbkdf2-sha256$i=1$${'A'.repeat(1024)}$${key}`],
  ])('is not accepted: %s', async (_what, hash) => {
    expect(passwords.isImportable(hash)).toBe(false)
    expect(await passwords.importHash(hash)).toBeUndefined()
    expect(await verify(hash, 'password')).toEqual({ correct: false, outdated: false })
  })
})
