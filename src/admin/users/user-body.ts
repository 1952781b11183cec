import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import type { UserDetails } from '../../model/users/user.ts'
import { readStandardClaims, standardClaimMembers } from '../../users/details/standard-claims.ts'

/** The details of a user in a body. Null removes a value. */
export const userDetailMembers = {
  externalId: field.text(200).min(1, { error: 'must not be empty' }).nullable().optional(),
  emailVerified: field.boolean.optional().describe('Whether the e-mail address is known to belong to the user.'),
  ...standardClaimMembers,
  phoneVerified: field.boolean.optional(),
}

/** The values of attributes that the organisation defined, by name. Null removes one. */
export const attributeMembers = {
  attributes: z
    .record(z.string().max(63), z.unknown(), { error: 'must be an object of attributes' })
    .optional()
    .describe('Values of the attributes of the organisation, by name. Null removes one.'),
}

const userDetails = z.object(userDetailMembers)

/** The details that a body gives, under the names of the model. */
export function readUserDetails(body: z.output<typeof userDetails>): UserDetails {
  const { externalId, emailVerified, phoneVerified, ...claims } = body
  return { externalId, emailVerified, ...readStandardClaims(claims), phoneNumberVerified: phoneVerified }
}

/** An e-mail address as users enter it. */
export const emailAddress = field.validatedString((email) =>
  isEmailAddress(email) ? undefined : 'must be an e-mail address',
)

export const password = field.text(1024)
