// `organisations` owns organisations: their settings, the first one in an empty database, and the reset of an owner.
// The first start creates the organisation, its system roles and its owner.
// Which permissions a role holds is listed in `permissions`.

import { internalRequestMetadata, createAuditEvent } from '../audit/catalogue.ts'
import type { Clock } from '../lib/clock.ts'
import { uuidv7 } from '../lib/random.ts'
import type { BootstrapRepository } from '../model/organisations/bootstrap.ts'
import { toEmailKey } from '../model/users/user.ts'
import { defaultRoles, permissionCatalogue } from '../permissions/catalogue.ts'
import { generatePassword } from './generate-password.ts'

export interface BootstrapOptions {
  repository: BootstrapRepository
  clock: Clock
  hashPassword: (password: string) => Promise<string>
  /** Without a password, one is generated. */
  settings: { slug: string; email: string; password: string | undefined }
}

/** The new organisation. `generatedPassword` is stored nowhere: the caller must show it. */
export interface BootstrappedOrganisation {
  slug: string
  email: string
  generatedPassword: string | undefined
}

/**
 * Updates the stored permissions and creates the first organisation in an empty database, with the default roles and a
 * verified owner. Returns undefined if the database has an organisation, also one that another process just created.
 */
export async function bootstrapFirstOrganisation({
  repository,
  clock,
  hashPassword,
  settings: { slug, email, password },
}: BootstrapOptions): Promise<BootstrappedOrganisation | undefined> {
  const now = clock.now()
  await repository.syncPermissions(permissionCatalogue.map((entry) => ({ ...entry, id: uuidv7(now) })))
  if (!(await repository.isEmpty())) return undefined

  const generatedPassword = password === undefined ? generatePassword() : undefined
  const organisation = { id: uuidv7(now), slug, name: nameOfSlug(slug) }
  const ownerId = uuidv7(now)
  const created = await repository.createFirstOrganisation({
    organisation,
    roles: defaultRoles.map((role) => ({ ...role, permissions: [...role.permissions], id: uuidv7(now) })),
    owner: {
      id: ownerId,
      email,
      // A display name until the owner sets one.
      name: nameOfSlug(email.split('@', 1)[0] ?? ''),
      emailKey: toEmailKey(email),
      passwordHash: await hashPassword(password ?? generatedPassword ?? ''),
      role: 'owner',
    },
    now,
    event: createAuditEvent(clock, 'organisation.created', {
      organisationId: organisation.id,
      requestMetadata: internalRequestMetadata,
      resource: { type: 'organisation', id: organisation.id },
      metadata: { slug, ownerId },
    }),
  })
  return created ? { slug, email, generatedPassword } : undefined
}

/** `acme-corp` → `Acme Corp`. */
function nameOfSlug(slug: string): string {
  return slug
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}
