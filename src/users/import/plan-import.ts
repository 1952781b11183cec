import { fieldChanges, secretChange } from '../../audit/field-changes.ts'
import type { AuditChange } from '../../model/audit/audit-event.ts'
import type { UserAttributeChange, UserAttributeDefinition } from '../../model/users/user-attribute.ts'
import type { DirectoryUser } from '../../model/users/user-directory.ts'
import type { UserDetails } from '../../model/users/user.ts'
import { attributeFields, readAttributeChanges, type GivenAttributes } from '../attributes/attribute-values.ts'
import { completeDetails } from '../details/complete-details.ts'

/** A user as the request describes them. Roles and teams are named by their slugs. */
export interface ImportedUser {
  email: string
  details: UserDetails
  attributes: GivenAttributes | undefined
  passwordHash: string | undefined
  roles: readonly string[]
  teams: readonly string[]
  blocked: boolean
}

/** What happens to one user of the request, before anything is written. */
export type Plan =
  | { outcome: 'failed'; reason: string }
  | { outcome: 'unchanged'; user: DirectoryUser }
  | { outcome: 'updated'; user: DirectoryUser; change: PlannedChange; changes: AuditChange[] }
  | { outcome: 'created'; change: PlannedChange }

interface PlannedChange {
  details: UserDetails
  attributes: readonly UserAttributeChange[]
  /** As the request gives it. */
  passwordHash: string | undefined
}

/**
 * Plans what the request says about one user, who exists or is new. Throws `InvalidInput` for attributes that are not
 * accepted.
 */
export function planUser(
  imported: ImportedUser,
  user: DirectoryUser | undefined,
  definitions: readonly UserAttributeDefinition[],
): Exclude<Plan, { outcome: 'failed' }> {
  if (!user) {
    const attributes = readAttributeChanges(definitions, imported.attributes ?? {}, { isNew: true })
    const { passwordHash } = imported
    return { outcome: 'created', change: { details: completeDetails(imported.details), attributes, passwordHash } }
  }
  const attributes = readAttributeChanges(definitions, imported.attributes ?? {}, { isNew: false })
  const details = completeDetails(imported.details, user)
  const values = attributeFields(attributes, user.attributes)
  // A password that the user has by now is newer than the import.
  const passwordHash = user.hasPassword ? undefined : imported.passwordHash
  const changes = [
    ...fieldChanges({ ...user, ...values.before }, { ...details, ...values.after }),
    ...(passwordHash === undefined ? [] : [secretChange('password')]),
  ]
  if (changes.length === 0) return { outcome: 'unchanged', user }
  return { outcome: 'updated', user, change: { details, attributes, passwordHash }, changes }
}
