import { fieldChanges } from '../../audit/field-changes.ts'
import { attributeFields, findOwnAttributeChanges } from '../../users/attributes/attribute-values.ts'
import { userConflict } from '../../users/errors.ts'
import { completeDetails } from '../../users/details/complete-details.ts'
import { readStandardClaims } from '../../users/details/standard-claims.ts'
import { createAccountAuditEvent } from './audit-event.ts'
import { accountOperation } from './access.ts'
import { readableAccess, type ProfileServices } from './get-profile.ts'
import {
  accountOf,
  profileChangeSchema,
  profileSchema,
  profileVisibilityFor,
  representProfile,
  requireProfile,
} from './profile.ts'

export const updateProfileOperation = ({ users, userAttributes, clock }: ProfileServices) =>
  accountOperation({
    method: 'PATCH',
    path: '/v1/me/profile',
    operationId: 'updateProfile',
    firstPartyOnly: true,
    summary: 'Update your profile',
    description: 'Null removes a value. A changed phone number is no longer verified.',
    schema: { body: profileChangeSchema, response: { 200: profileSchema } },
    errorStatuses: [400, 401, 403, 409],
    example: { firstName: 'Ada', lastName: 'Lovelace', phone: '+49 30 1234567' },
    async handle({ context: caller, request }) {
      const account = accountOf(caller)
      const { attributes: given, ...claims } = request.body
      const before = requireProfile(await users.findProfile(account, clock.now()))
      const values = await userAttributes.valuesOf(account, readableAccess)
      const attributes = await findOwnAttributeChanges({ userAttributes }, account.organisationId, given)
      const named = attributeFields(attributes, values)
      const fields = [...Object.keys(claims), ...Object.keys(named.after)]
      const visibility = profileVisibilityFor(caller)
      if (fields.length === 0) return representProfile(before, values, visibility)
      const details = completeDetails(readStandardClaims(claims), before.user)
      const event = createAccountAuditEvent(caller, request, clock, 'user.updated', {
        resource: { type: 'user', id: account.id },
        metadata: { fields },
        changes: fieldChanges({ ...before.user, ...named.before }, { ...details, ...named.after }),
      })
      const updated = await users.updateProfile(account, { details, attributes }, event)
      if (updated === 'attribute_taken') throw userConflict(updated)
      const stored = await userAttributes.valuesOf(account, readableAccess)
      return representProfile(requireProfile(updated), stored, visibility)
    },
  })
