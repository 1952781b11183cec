import type { Clock } from '../../lib/time/clock.ts'
import type { UserRepository } from '../../model/users/user.ts'
import { accountOperation } from './access.ts'
import { accountOf, profileSchema, profileVisibilityFor, representProfile, requireProfile } from './profile.ts'

export interface ProfileServices {
  users: Pick<UserRepository, 'findProfile' | 'updateProfile'>
  clock: Clock
}

export const getProfileOperation = ({ users, clock }: ProfileServices) =>
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
      return representProfile(profile, profileVisibilityFor(caller))
    },
  })
