import type { Clock } from '../../lib/time/clock.ts'
import type { UserAttributeRepository } from '../../model/users/user-attribute.ts'
import type { UserRepository } from '../../model/users/user.ts'
import { accountOperation } from './access.ts'
import { accountOf, profileSchema, profileVisibilityFor, representProfile, requireProfile } from './profile.ts'

export interface ProfileServices {
  users: Pick<UserRepository, 'findProfile' | 'updateProfile'>
  userAttributes: Pick<UserAttributeRepository, 'list' | 'valuesOf'>
  clock: Clock
}

/** The kinds of access with which users read their own attributes. */
export const readableAccess = ['editable', 'readable'] as const

export const getProfileOperation = ({ users, userAttributes, clock }: ProfileServices) =>
  accountOperation({
    method: 'GET',
    path: '/v1/me/profile',
    operationId: 'getProfile',
    firstPartyOnly: false,
    summary: 'Get your profile',
    description: 'With the session cookie or an access token.',
    schema: { response: { 200: profileSchema } },
    errorStatuses: [401],
    async handle({ context: caller }) {
      const profile = requireProfile(await users.findProfile(accountOf(caller), clock.now()))
      const attributes = await userAttributes.valuesOf(accountOf(caller), readableAccess)
      return representProfile(profile, attributes, profileVisibilityFor(caller))
    },
  })
