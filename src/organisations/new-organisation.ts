import { uuidv7 } from '../lib/crypto/random.ts'
import type { NewOrganisation } from '../model/organisations/bootstrap.ts'
import type { OrganisationStatus } from '../model/organisations/organisation.ts'
import { OWNER_ROLE_SLUG } from '../model/permissions/role.ts'
import { toEmailKey } from '../model/users/user.ts'
import { defaultRoles } from '../permissions/catalogue.ts'
import {
  changesFrom,
  defaultMembers,
  toChange,
  type ChangedMembers,
  type SessionLifetimes,
} from './organisation-change.ts'

/** An organisation to be made, with its first owner. */
export interface OrganisationPlan {
  slug: string
  status: OrganisationStatus
  isOperator: boolean
  /** Those that are left out have their default. */
  members: ChangedMembers & { name: string }
  owner: { email: string; name: string; givenName: string | null; familyName: string | null; passwordHash: string }
}

/** Everything that a new organisation has, apart from its audit events. */
export function planOrganisation(
  { slug, status, isOperator, members, owner }: OrganisationPlan,
  sessionLifetimes: SessionLifetimes,
  now: Date,
): Omit<NewOrganisation, 'events'> {
  const defaults = defaultMembers(sessionLifetimes)
  const { columns, settings } = toChange(members, changesFrom(defaults, members, sessionLifetimes))
  return {
    organisation: {
      id: uuidv7(now),
      slug,
      status,
      isOperator,
      columns: {
        name: members.name,
        auditTokens: columns.auditTokens ?? defaults.auditTokens,
        sessionLifetime: columns.sessionLifetime ?? defaults.sessionLifetime,
        sessionIdleTimeout: columns.sessionIdleTimeout ?? defaults.sessionIdleTimeout,
      },
      settings,
    },
    roles: defaultRoles.map((role) => ({ ...role, permissions: [...role.permissions], id: uuidv7(now) })),
    owner: { ...owner, emailVerified: true, id: uuidv7(now), emailKey: toEmailKey(owner.email), role: OWNER_ROLE_SLUG },
    now,
  }
}
