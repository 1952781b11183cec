// `users/import` owns the import of users from other systems. The rules of creating and changing one user hold for each.

import { fieldChanges } from '../../audit/field-changes.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, DomainError } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { UserBulkRepository } from '../../model/users/bulk-change.ts'
import type { UserAttributeDefinition } from '../../model/users/user-attribute.ts'
import type { DirectoryUser } from '../../model/users/user-directory.ts'
import type { UserImportRepository, UserToCreate, UserToUpdate } from '../../model/users/user-import.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { attributeFields, type AttributeReader } from '../attributes/attribute-values.ts'
import { findProtectedUsers } from '../bulk/protected-users.ts'
import { EmailTaken, userConflict } from '../errors.ts'
import { userEvent, type UserManagement } from '../find-user.ts'
import { prepareAccess, type NewAccess } from './new-access.ts'
import { planUser, type ImportedUser, type Plan } from './plan-import.ts'
import { findTakenValues } from './unique-values.ts'

export interface ImportServices
  extends AttributeReader, Pick<UserManagement, 'userDirectory' | 'roleAssignments' | 'clock'> {
  userImports: UserImportRepository
  userBulk: Pick<UserBulkRepository, 'findHeldRoles'>
  /** Whether a password hash is of a known algorithm, within the limits of its cost. */
  isImportableHash: (hash: string) => boolean
  /** What is stored of such a hash. */
  importHash: (hash: string) => Promise<string | undefined>
}

/** A user of the request, or why the request does not describe one. */
export type ImportLine = ImportedUser | { problem: string }

export interface ImportResult {
  outcome: Plan['outcome']
  /** Of a user who exists; in a dry run, not of one who would be created. */
  id?: string
  /** Why it failed. */
  reason?: string
}

/**
 * Creates users, and changes those who exist: by their external id, else by their e-mail address. Roles, teams, the block and
 * the password hash are for new users, and the hash for users without a password as well: a repeated import undoes nothing
 * that was done since. A user who fails does not keep the others from being stored, all together.
 */
export async function importUsers(
  services: ImportServices,
  context: AdminContext,
  lines: readonly ImportLine[],
  { dryRun }: { dryRun: boolean },
): Promise<ImportResult[]> {
  const { accessOf, plans } = await planImport(services, context, lines)
  if (!dryRun) return store(services, context, lines, plans, accessOf)
  return plans.map((plan) => ({
    outcome: plan.outcome,
    ...('user' in plan && { id: plan.user.id }),
    ...('reason' in plan && { reason: plan.reason }),
  }))
}

type AccessOf = (imported: ImportedUser) => NewAccess

async function planImport(services: ImportServices, context: AdminContext, lines: readonly ImportLine[]) {
  const { organisationId } = context
  const users = lines.filter((line) => 'email' in line)
  const keys = {
    emailKeys: users.map(({ email }) => toEmailKey(email)),
    externalIds: users.flatMap(({ details: { externalId } }) => externalId ?? []),
  }
  const found = await services.userImports.find(organisationId, keys, services.clock.now())
  const definitions = await services.userAttributes.list(organisationId)
  const accessOf = await prepareAccess(services, context, users)
  const ids = found.users.map(({ id }) => id)
  const { forbidden } = await findProtectedUsers(services, context, ids)
  const isForbidden = ({ id }: DirectoryUser) => forbidden.has(id)
  const seen = new Set<string>()
  const planned = lines.map((line): Plan => {
    if (!('email' in line)) return { outcome: 'failed', reason: line.problem }
    try {
      return planLine(line, { ...found, definitions, seen, isForbidden, accessOf, services })
    } catch (error) {
      if (error instanceof DomainError) return { outcome: 'failed', reason: error.message }
      throw error
    }
  })
  const taken = await findTakenValues(services, organisationId, planned)
  const reason = 'Another user has this value of an attribute that is unique.'
  const plans = planned.map((plan, index): Plan => (taken.has(index) ? { outcome: 'failed', reason } : plan))
  return { accessOf, plans }
}

interface Found {
  users: readonly DirectoryUser[]
  takenEmailKeys: readonly string[]
  definitions: readonly UserAttributeDefinition[]
  /** The keys of the users before. */
  seen: Set<string>
  isForbidden: (user: DirectoryUser) => boolean
  accessOf: AccessOf
  services: ImportServices
}

/** Throws a `DomainError` with the reason where a user cannot be imported. */
function planLine(imported: ImportedUser, found: Found): Plan {
  const { email, details, passwordHash } = imported
  const emailKey = toEmailKey(email)
  const keys = [`email ${emailKey}`, ...(details.externalId == null ? [] : [`externalId ${details.externalId}`])]
  if (keys.some((key) => found.seen.has(key))) return failed('The request has this user before.')
  for (const key of keys) found.seen.add(key)
  if (passwordHash !== undefined && !found.services.isImportableHash(passwordHash)) {
    return failed('passwordHash is of no supported algorithm, or verifying it would cost too much.')
  }
  const known = findExisting(found.users, emailKey, details.externalId ?? null)
  if ('reason' in known) return failed(known.reason)
  if (known.user && found.isForbidden(known.user)) return failed('The user has permissions that you lack.')
  if (!known.user) {
    if (found.takenEmailKeys.includes(emailKey)) throw new EmailTaken()
    found.accessOf(imported)
  }
  return planUser(imported, known.user, found.definitions)
}

const failed = (reason: string): Plan => ({ outcome: 'failed', reason })

/** The user whom the request means, if there is one, or why that is not clear. */
function findExisting(
  users: readonly DirectoryUser[],
  emailKey: string,
  externalId: string | null,
): { user: DirectoryUser | undefined } | { reason: string } {
  const byEmail = users.find((user) => toEmailKey(user.email) === emailKey)
  const byExternalId = externalId === null ? undefined : users.find((user) => user.externalId === externalId)
  if (byExternalId && byExternalId !== byEmail) {
    return { reason: 'The user with this externalId has another e-mail address.' }
  }
  if (byEmail && externalId !== null && byEmail.externalId !== null && byEmail.externalId !== externalId) {
    return { reason: 'The user with this e-mail address has another externalId.' }
  }
  return { user: byEmail }
}

async function store(
  services: ImportServices,
  context: AdminContext,
  lines: readonly ImportLine[],
  plans: readonly Plan[],
  accessOf: AccessOf,
): Promise<ImportResult[]> {
  const now = services.clock.now()
  const create: UserToCreate[] = []
  const update: UserToUpdate[] = []
  const ids: (string | undefined)[] = []
  for (const [index, plan] of plans.entries()) {
    const line = lines[index]
    if (plan.outcome === 'failed' || line === undefined || !('email' in line)) {
      ids.push(undefined)
      continue
    }
    const id = 'user' in plan ? plan.user.id : uuidv7(now)
    ids.push(id)
    if (plan.outcome === 'unchanged') continue
    const { details, attributes, passwordHash: given } = plan.change
    // One after the other, so that sign-ins are not kept waiting.
    const passwordHash = given === undefined ? null : ((await services.importHash(given)) ?? null)
    const stored = { id, details, attributes, passwordHash }
    if (plan.outcome === 'updated') update.push({ ...stored, event: updateEvent(services, context, plan) })
    else {
      const access = accessOf(line)
      const { email, blocked } = line
      const event = creationEvent(services, context, { ...stored, email, blocked, access, now })
      const { roleIds, teamIds } = access
      create.push({ ...stored, email, emailKey: toEmailKey(email), blocked, roleIds, teamIds, event })
    }
  }
  const outcome =
    create.length + update.length === 0
      ? []
      : await services.userImports.store({ ...context, grantedBy: context.userId, now, create, update })
  if (outcome === 'stale') throw new Conflict('A role or a team was deleted meanwhile. Send the request again.')
  if (!Array.isArray(outcome)) throw userConflict(outcome)
  const written = new Set(outcome)
  return plans.map((plan, index): ImportResult => {
    const id = ids[index]
    if (plan.outcome === 'failed' || id === undefined) return plan.outcome === 'failed' ? plan : { outcome: 'failed' }
    if (plan.outcome === 'unchanged' || written.has(id)) return { outcome: plan.outcome, id }
    return { outcome: 'failed', reason: 'Another request has stored or deleted this user meanwhile. Send it again.' }
  })
}

function updateEvent(
  services: ImportServices,
  context: AdminContext,
  { user, changes }: Extract<Plan, { outcome: 'updated' }>,
) {
  const facts = { fields: changes.map(({ field }) => field), import: true }
  return userEvent(services, context, 'user.updated', user, facts, changes)
}

function creationEvent(
  services: ImportServices,
  context: AdminContext,
  user: Pick<UserToCreate, 'id' | 'email' | 'details' | 'attributes' | 'blocked'> & { access: NewAccess; now: Date },
) {
  const { roles, teamIds } = user.access
  return userEvent(
    services,
    context,
    'user.created',
    user,
    { roles, ...(teamIds.length > 0 && { teamIds }), import: true },
    fieldChanges(undefined, {
      email: user.email,
      ...user.details,
      ...attributeFields(user.attributes).after,
      roles,
      teams: teamIds,
      ...(user.blocked && { blockedAt: user.now }),
    }),
  )
}
