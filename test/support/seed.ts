// What every test database starts with, made once per run and cloned: the organisation `acme` with its owner, and the
// server's keys. Making them costs a second of CPU, most of it the search for primes.
import { createArgon2id } from '../../src/authentication/factors/password/argon2id.ts'
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'
import { bootstrapFirstOrganisation } from '../../src/organisations/bootstrap.ts'
import { createSigner, type Signer } from '../../src/keys/signer.ts'
import type { Clock } from '../../src/lib/time/clock.ts'
import { createSealer } from '../../src/lib/crypto/sealer.ts'
import { sha256 } from '../../src/lib/crypto/hash.ts'
import { uuidv7 } from '../../src/lib/crypto/random.ts'
import type { BootstrapRepository } from '../../src/model/organisations/bootstrap.ts'
import type { SigningKeyRepository } from '../../src/model/keys/signing-key.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { createBootstrapRepository } from '../../src/storage/organisations/bootstrap.ts'
import { createSigningKeyRepository } from '../../src/storage/keys/signing-keys.ts'

export const OWNER = { email: 'owner@acme.test', password: 'correct horse battery staple' } as const
/** Seals the keys of every test. */
export const MASTER_KEY = sha256('the master key of the tests')

/** The least that Argon2id takes here: a password is checked as it is in production, in a fortieth of the time. */
export const cheapHashing = createArgon2id({ memoryCost: 1024, timeCost: 2 })

/** Makes the organisation and its owner, unless they are there. */
export async function seedOrganisation(repository: BootstrapRepository, clock: Clock): Promise<void> {
  await bootstrapFirstOrganisation({
    repository,
    clock,
    hashPassword: createPasswords(1, cheapHashing).hash,
    settings: { slug: 'acme', ...OWNER },
    sessionLifetimes: { idle: 7_200, max: 43_200 },
  })
}

/** The signer over the stored keys, which it makes where they are missing. */
export function openSigner(repository: SigningKeyRepository, clock: Clock): Promise<Signer> {
  return createSigner({
    repository,
    sealer: createSealer([MASTER_KEY]),
    clock,
    schedule: { rotateDays: 30, maxTokenLifetimeSeconds: 90_000 },
  })
}

/** Puts everything into the migrated database at `connection`. */
export async function seed(connection: string, clock: Clock): Promise<void> {
  const database = connectDatabase({ connection, poolSize: 2, onError: () => {} })
  try {
    await seedOrganisation(createBootstrapRepository(database.pool), clock)
    await openSigner(createSigningKeyRepository(database.pool), clock)
  } finally {
    await database.close()
  }
}

/** Dates the seeded keys and audit events as if they had been made at the start of the test's clock. */
export async function redateSeed({ pool }: Database, clock: Clock): Promise<void> {
  const now = clock.now()
  await pool.query(
    'UPDATE signing_keys SET activates_at = activates_at + ($1::timestamptz - created_at), created_at = $1',
    [now],
  )
  // Audit events are swept by their id, which starts with the time.
  await pool.query('UPDATE audit_events SET id = $2, occurred_at = $1', [now, uuidv7(now)])
}
