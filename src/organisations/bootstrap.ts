// `organisations` owns organisations: their settings, the first one in an empty database, and the reset of an owner.
// The first start creates the organisation, its system roles and its owner.
// Which permissions a role holds is listed in `permissions`.

import { internalRequestMetadata, createAuditEvent } from '../audit/catalogue.ts'
import type { Clock } from '../lib/time/clock.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import type { BootstrapRepository } from '../model/organisations/bootstrap.ts'
import { permissionCatalogue } from '../permissions/catalogue.ts'
import { nameOfSlug } from './create-organisation.ts'
import { generatePassword } from './generate-password.ts'
import { planOrganisation } from './new-organisation.ts'
import type { SessionLifetimes } from './organisation-change.ts'

export interface BootstrapOptions {
  repository: BootstrapRepository
  clock: Clock
  hashPassword: (password: string) => Promise<string>
  /** Without a password, one is generated. */
  settings: { slug: string; email: string; password: string | undefined }
  sessionLifetimes: SessionLifetimes
}

/** The new organisation. `generatedPassword` is stored nowhere: the caller must show it. */
export interface BootstrappedOrganisation {
  slug: string
  email: string
  generatedPassword: string | undefined
}

/**
 * Updates the stored permissions and creates the first organisation in an empty database, with the default roles and a
 * verified owner. It operates the server. Returns undefined if the database has an organisation, also one that another process just created.
 */
export async function bootstrapFirstOrganisation({
  repository,
  clock,
  hashPassword,
  settings: { slug, email, password },
  sessionLifetimes,
}: BootstrapOptions): Promise<BootstrappedOrganisation | undefined> {
  const now = clock.now()
  await repository.syncPermissions(permissionCatalogue.map((entry) => ({ ...entry, id: uuidv7(now) })))
  if (!(await repository.isEmpty())) return undefined

  const generatedPassword = password === undefined ? generatePassword() : undefined
  const planned = planOrganisation(
    {
      slug,
      status: 'active',
      isOperator: true,
      members: { name: nameOfSlug(slug) },
      owner: {
        email,
        // A display name until the owner sets one.
        name: nameOfSlug(email.split('@', 1)[0] ?? ''),
        givenName: null,
        familyName: null,
        passwordHash: await hashPassword(password ?? generatedPassword ?? ''),
      },
    },
    sessionLifetimes,
    now,
  )
  const { organisation, owner } = planned
  const event = createAuditEvent(clock, 'organisation.created', {
    organisationId: organisation.id,
    requestMetadata: internalRequestMetadata,
    resource: { type: 'organisation', id: organisation.id },
    metadata: { slug, ownerId: owner.id },
  })
  const created = await repository.createFirstOrganisation({ ...planned, events: [event] })
  return created ? { slug, email, generatedPassword } : undefined
}
