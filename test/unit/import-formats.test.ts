import { describe, expect, it } from 'vitest'
import { readUsers } from '../../packages/cli/src/import/formats.ts'
import { createArgon2id } from '../../src/authentication/factors/password/argon2id.ts'
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'

const passwords = createPasswords(1, createArgon2id({ memoryCost: 1024, timeCost: 2 }))
const firebase = {
  rounds: '8',
  memoryCost: '14',
  saltSeparator: 'Bw==',
  signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
}
const read = (file: unknown, format: 'cerberus' | 'keycloak' | 'auth0' | 'firebase') =>
  readUsers(JSON.stringify(file), format, firebase)
/** Whether the server verifies the imported hash of a user. */
async function verifies(user: Record<string, unknown> | undefined, password: string): Promise<boolean> {
  const stored = (await passwords.importHash(String(user?.['passwordHash']))) ?? null
  return (await passwords.verify(stored, password, new AbortController().signal)).correct
}

const keycloakPassword = (secret: object, data: object) => [
  { type: 'otp', secretData: '{}', credentialData: '{}' },
  { type: 'password', secretData: JSON.stringify(secret), credentialData: JSON.stringify(data) },
]

describe('an export of Keycloak', () => {
  it('has users with PBKDF2 hashes', async () => {
    const secret = { value: 'VaxGblbjCJ/sFpHCJUS2BfkEGFIW3eBGXmi51XwgyS8=', salt: 'c2FsdA==' }
    const realm = {
      realm: 'acme',
      users: [
        {
          id: 'k1',
          username: 'ada',
          email: 'ada@acme.test',
          emailVerified: true,
          enabled: false,
          firstName: 'Ada',
          credentials: keycloakPassword(secret, { hashIterations: 1, algorithm: 'pbkdf2-sha256' }),
        },
        { id: 'k2', username: 'bob@acme.test', enabled: true },
      ],
    }
    expect(read(realm, 'keycloak')).toEqual([
      {
        email: 'ada@acme.test',
        externalId: 'k1',
        emailVerified: true,
        firstName: 'Ada',
        preferredUsername: 'ada',
        blocked: true,
        passwordHash: `$pbkdf2-sha256$i=1$c2FsdA==$${secret.value}`,
      },
      { email: 'bob@acme.test', externalId: 'k2', preferredUsername: 'bob@acme.test' },
    ])
    expect(passwords.isImportable(String(read(realm, 'keycloak')[0]?.['passwordHash']))).toBe(true)
  })

  it('has users with Argon2 hashes', async () => {
    const additionalParameters = {
      hashLength: ['32'],
      memory: ['65536'],
      type: ['id'],
      version: ['1.3'],
      parallelism: ['1'],
    }
    const secret = { value: 'CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=', salt: 'c29tZXNhbHQ=' }
    const data = { hashIterations: 2, algorithm: 'argon2', additionalParameters }
    const [user] = read({ users: [{ email: 'a@b.test', credentials: keycloakPassword(secret, data) }] }, 'keycloak')
    expect(await verifies(user, 'password')).toBe(true)
    expect(await verifies(user, 'Password')).toBe(false)
  })
})

describe('an export of Auth0', () => {
  it('has lines with bcrypt hashes', async () => {
    const lines = [
      {
        _id: { $oid: 'a1' },
        email: 'ada@acme.test',
        passwordHash: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
      },
      { user_id: 'a2', email: 'bob@acme.test', given_name: 'Bob', email_verified: false },
    ]
    const users = readUsers(lines.map((line) => JSON.stringify(line)).join('\n'), 'auth0', firebase)
    expect(users[1]).toEqual({ externalId: 'a2', email: 'bob@acme.test', firstName: 'Bob', emailVerified: false })
    expect(await verifies(users[0], 'U*U')).toBe(true)
  })

  it.each([
    ['bc', { value: 'a', encoding: 'utf8', position: 'prefix' }, 'hex'],
    ['ab', { value: '63', encoding: 'hex', position: 'suffix' }, 'base64'],
    ['abc', undefined, 'hex'],
  ] as const)('has digests with salt and encoding: %s', async (password, salt, encoding) => {
    const digest = Buffer.from('a9993e364706816aba3e25717850c26c9cd0d89d', 'hex')
    const custom_password_hash = { algorithm: 'sha1', hash: { value: digest.toString(encoding), encoding }, salt }
    const [user] = read([{ email: 'a@b.test', custom_password_hash }], 'auth0')
    expect(await verifies(user, password)).toBe(true)
  })
})

describe('an export of Firebase', () => {
  it('has hashes that need the parameters of the project', async () => {
    const passwordHash = 'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=='
    const file = {
      users: [{ localId: 'f1', email: 'a@b.test', displayName: 'Ada', passwordHash, salt: '42xEC-ixf3L2lw==' }],
    }
    const [user] = read(file, 'firebase')
    expect(user).toMatchObject({ externalId: 'f1', name: 'Ada' })
    expect(await verifies(user, 'user1password')).toBe(true)
  })
})

describe('a CSV file', () => {
  it('names members in its first line', () => {
    const file =
      '\uFEFFemail,firstName,emailVerified,roles,attributes.badge\r\n"a@b.test","Ada, the ""Countess""",TRUE,admin staff,A1\r\nb@b.test,,maybe,,\r\n'
    expect(readUsers(file, 'csv', firebase)).toEqual([
      {
        email: 'a@b.test',
        firstName: 'Ada, the "Countess"',
        emailVerified: true,
        roles: ['admin', 'staff'],
        attributes: { badge: 'A1' },
      },
      { email: 'b@b.test', emailVerified: 'maybe' },
    ])
  })
})

describe('a file that is not an export', () => {
  it.each([
    ['cerberus', '{"email":"a@b.test"}\nnonsense', 'Line 2 is not JSON'],
    ['cerberus', '["text"]', 'User 1 is not a JSON object'],
    ['csv', 'email\n"a', 'is not CSV'],
  ] as const)('of %s: %j', (format, text, message) => {
    expect(() => readUsers(text, format, firebase)).toThrow(message)
  })
})
