import { fieldChanges } from '../../audit/field-changes.ts'
import { completeDetails } from '../../users/details/complete-details.ts'
import { readStandardClaims } from '../../users/details/standard-claims.ts'
import { createAccountAuditEvent } from './audit-event.ts'
import { accountOperation } from './access.ts'
import type { ProfileServices } from './get-profile.ts'
import {
  accountOf,
  profileChangeSchema,
  profileSchema,
  profileVisibilityFor,
  representProfile,
  requireProfile,
} from './profile.ts'

export const updateProfileOperation = ({ users, clock }: ProfileServices) =>
  accountOperation({
    method: 'PATCH',
    path: '/v1/me/profile',
    operationId: 'updateProfile',
    firstPartyOnly: true,
    summary: 'Update your profile',
    description: 'Null removes a value. A changed phone number is no longer verified.',
    schema: { body: profileChangeSchema, response: { 200: profileSchema } },
    errorStatuses: [400, 401, 403],
    example: { firstName: 'Ada', lastName: 'Lovelace', phone: '+49 30 1234567' },
    async handle({ context: caller, request }) {
      const account = accountOf(caller)
      const fields = Object.keys(request.body)
      const resource = { type: 'user', id: account.id }
      const profile = await users.findProfile(account, clock.now())
      const details = completeDetails(readStandardClaims(request.body), profile?.user)
      const facts = { resource, metadata: { fields }, changes: fieldChanges(profile?.user, details) }
      const event = createAccountAuditEvent(caller, request, clock, 'user.updated', facts)
      const updated = fields.length === 0 ? profile : await users.updateProfile(account, details, event)
      return representProfile(requireProfile(updated), profileVisibilityFor(caller))
    },
  })
