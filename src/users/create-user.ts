import { fieldChanges } from '../audit/field-changes.ts'
import { InvalidInput } from '../lib/domain-error.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { DirectoryUser } from '../model/users/user-directory.ts'
import { toEmailKey, type UserDetails } from '../model/users/user.ts'
import { assertHoldsPermissions } from '../permissions/privilege-escalation.ts'
import {
  attributeFields,
  findAttributeChanges,
  type AttributeReader,
  type GivenAttributes,
} from './attributes/attribute-values.ts'
import { completeDetails } from './details/complete-details.ts'
import { UnknownRoles, UnknownTeam, userConflict } from './errors.ts'
import { assertMayAddToTeam } from './held-assignments.ts'
import { findUser, userEvent, type UserManagement } from './find-user.ts'

export interface NewUserInput {
  email: string
  /** Undefined: the user cannot sign in with a password until one is set. */
  password: string | undefined
  details: UserDetails
  attributes?: GivenAttributes | undefined
  /** Undefined or empty: the default role of the organisation, if it has one. */
  roleIds: readonly string[] | undefined
  teamIds: readonly string[] | undefined
}

type UserCreator = Pick<
  UserManagement,
  'userDirectory' | 'roleAssignments' | 'clock' | 'hashPassword' | 'passwordIssues'
> &
  AttributeReader

/**
 * Creates a user. Throws `InvalidInput` for a weak password, `UnknownRoles`, `UnknownTeam`, `PermissionEscalation` for
 * roles, also those of the teams, with permissions that the caller lacks, `EmailTaken` and `UserExternalIdTaken`.
 */
export async function createUser(
  services: UserCreator,
  context: AdminContext,
  { email, password, details: given, attributes: givenAttributes, roleIds, teamIds = [] }: NewUserInput,
): Promise<DirectoryUser> {
  const { userDirectory, clock } = services
  const { organisationId } = context
  if (password !== undefined) await assertAcceptablePassword(services, password, { email, organisationId })
  const roles = await findRolesToGive(services, context, { roleIds: roleIds ?? [], teamIds })
  const attributes = await findAttributeChanges(services, organisationId, givenAttributes, { isNew: true })
  const details = completeDetails(given)
  const id = uuidv7(clock.now())
  const passwordHash = password === undefined ? null : await services.hashPassword(password)
  const roleSlugs = roles.map(({ role }) => role.slug)
  const event = userEvent(
    services,
    context,
    'user.created',
    { id },
    { roles: roleSlugs, ...(teamIds.length > 0 && { teamIds }) },
    fieldChanges(undefined, {
      email,
      ...details,
      ...attributeFields(attributes).after,
      roles: roleSlugs,
      teams: teamIds,
    }),
  )
  const outcome = await userDirectory.create(
    { id, organisationId, email, emailKey: toEmailKey(email), passwordHash, details, attributes },
    { roleIds: roles.map(({ role }) => role.id), teamIds, grantedBy: context.userId },
    event,
  )
  if (outcome === 'unknown_role') throw new UnknownRoles(['roleIds'])
  if (outcome === 'unknown_team') throw new UnknownTeam(['teamIds'])
  if (outcome !== 'created') throw userConflict(outcome)
  return findUser(services, context, id)
}

/**
 * The roles with these ids, or the default role, for a new user who joins these teams. Throws `UnknownRoles`, and
 * `PermissionEscalation` where the caller lacks a permission that the user would get.
 */
export async function findRolesToGive(
  services: Pick<UserManagement, 'userDirectory' | 'roleAssignments' | 'clock'>,
  context: AdminContext,
  { roleIds, teamIds }: { roleIds: readonly string[]; teamIds: readonly string[] },
) {
  const { organisationId } = context
  const roles = await rolesOfNewUser(services, organisationId, roleIds)
  assertHoldsPermissions(
    context,
    roles.flatMap(({ permissions }) => permissions),
    'The roles have',
  )
  for (const teamId of teamIds) await assertMayAddToTeam(services, context, { id: teamId, organisationId })
  return roles
}

/** The roles with these ids, or the default role. Throws `UnknownRoles`. */
async function rolesOfNewUser(
  { userDirectory }: Pick<UserManagement, 'userDirectory'>,
  organisationId: string,
  ids: readonly string[],
) {
  if (ids.length === 0) {
    const role = await userDirectory.findDefaultRole(organisationId)
    return role ? [role] : []
  }
  const found = await userDirectory.findRoles(organisationId, ids)
  const unknown = ids.findIndex((id) => !found.some(({ role }) => role.id === id))
  if (unknown >= 0) throw new UnknownRoles(['roleIds', unknown])
  return found
}

/** Throws `InvalidInput` with every reason for which a password is not acceptable. */
export async function assertAcceptablePassword(
  { passwordIssues }: Pick<UserManagement, 'passwordIssues'>,
  password: string,
  user: { email: string; organisationId: string },
): Promise<void> {
  const issues = await passwordIssues(password, user)
  if (issues.length === 0) return
  throw new InvalidInput(issues.map((message) => ({ path: ['password'], code: 'custom', message })))
}
