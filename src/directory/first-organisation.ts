import { internalOrigin, securityEvent } from '../events/catalogue.ts'
import type { Clock } from '../lib/clock.ts'
import { randomBytes, uuidv7 } from '../lib/random.ts'
import type { DirectorySeedRepository } from '../model/directory-seed.ts'
import { emailKey } from '../model/user.ts'
import { defaultRoles, permissionCatalogue } from './rights.ts'

export interface FirstOrganisationOptions {
  repository: DirectorySeedRepository
  clock: Clock
  hashPassword: (password: string) => Promise<string>
  /** Without a password one is made up. */
  settings: { slug: string; email: string; password: string | undefined }
}

/** What was made. `generatedPassword` exists nowhere else: who gets this must show it. */
export interface MadeOrganisation {
  slug: string
  email: string
  generatedPassword: string | undefined
}

/**
 * Brings the stored permissions up to date and gives an empty database its first organisation, with the default roles
 * and a verified owner. Undefined where there was one already or another process made it first.
 */
export async function ensureFirstOrganisation({
  repository,
  clock,
  hashPassword,
  settings: { slug, email, password },
}: FirstOrganisationOptions): Promise<MadeOrganisation | undefined> {
  const now = clock.now()
  await repository.syncPermissions(permissionCatalogue.map((entry) => ({ ...entry, id: uuidv7(now) })))
  if (!(await repository.isEmpty())) return undefined

  const generatedPassword = password === undefined ? readablePassword() : undefined
  const organisation = { id: uuidv7(now), slug, name: nameOfSlug(slug) }
  const ownerId = uuidv7(now)
  const made = await repository.createFirst({
    organisation,
    roles: defaultRoles.map((role) => ({ ...role, permissions: [...role.permissions], id: uuidv7(now) })),
    owner: {
      id: ownerId,
      email,
      // Something to call them by until they say what.
      name: nameOfSlug(email.split('@', 1)[0] ?? ''),
      emailKey: emailKey(email),
      passwordHash: await hashPassword(password ?? generatedPassword ?? ''),
      role: 'owner',
    },
    now,
    event: securityEvent(clock, 'organisation.created', {
      organisationId: organisation.id,
      origin: internalOrigin,
      resource: { type: 'organisation', id: organisation.id },
      metadata: { slug, ownerId },
    }),
  })
  return made ? { slug, email, generatedPassword } : undefined
}

/** `acme-corp` → `Acme Corp`. */
function nameOfSlug(slug: string): string {
  return slug
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}

// 32 characters, so that 5 bits of a byte choose one without bias; none that is easily taken for another.
const READABLE = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 140 random bits as `K7dm2xq-…`: four groups of seven, with an upper-case letter and a digit as policies want them. */
function readablePassword(): string {
  const letters = Array.from(randomBytes(28), (byte) => READABLE.charAt(byte & 31)).join('')
  if (!/[a-hjkmnp-z]/.test(letters) || !/[2-9]/.test(letters)) return readablePassword()
  const groups = letters.match(/.{7}/g) ?? []
  return groups.join('-').replace(/[a-hjkmnp-z]/, (letter) => letter.toUpperCase())
}
