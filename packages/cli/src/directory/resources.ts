import { apiKeys } from './api-keys.ts'
import { invitations } from './invitations.ts'
import { organisations } from './organisations.ts'
import type { AnyResource, Noun } from './resource.ts'
import { protectedResources } from './applications/protected-resources.ts'
import { permissions, roles } from './roles.ts'
import { serviceAccounts } from './service-accounts.ts'
import { domains } from './people/domains.ts'
import { mails } from './people/mails.ts'
import { memberships } from './people/memberships.ts'
import { onboardingTokens } from './people/onboarding-tokens.ts'
import { userAttributes } from './people/user-attributes.ts'
import { teams } from './teams.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'

/** All resources of the directory, in the order of the help. */
export const resources: readonly AnyResource[] = [
  users,
  userAttributes,
  memberships,
  domains,
  roles,
  permissions,
  teams,
  invitations,
  mails,
  serviceAccounts,
  apiKeys,
  protectedResources,
  webhooks,
  organisations,
  onboardingTokens,
]

export function resourceOf(noun: Noun): AnyResource {
  const found = resources.find((resource) => resource.noun === noun)
  if (!found) throw new Error(`There is no resource ${noun}`)
  return found
}
