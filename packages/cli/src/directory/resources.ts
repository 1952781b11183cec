import { apiKeys } from './api-keys.ts'
import { invitations } from './invitations.ts'
import { organisations } from './organisations.ts'
import type { AnyResource, Noun } from './resource.ts'
import { protectedResources } from './applications/protected-resources.ts'
import { permissions, roles } from './roles.ts'
import { serviceAccounts } from './service-accounts.ts'
import { teams } from './teams.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'

/** All resources of the directory, in the order of the help. */
export const resources: readonly AnyResource[] = [
  users,
  roles,
  permissions,
  teams,
  invitations,
  serviceAccounts,
  apiKeys,
  protectedResources,
  webhooks,
  organisations,
]

export function resourceOf(noun: Noun): AnyResource {
  const found = resources.find((resource) => resource.noun === noun)
  if (!found) throw new Error(`There is no resource ${noun}`)
  return found
}
