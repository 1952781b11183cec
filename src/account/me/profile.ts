import { nameProblem } from '../../lib/text/visible-text.ts'
import { z } from 'zod'
import { unauthorized } from '../../http/errors/problem.ts'
import { displayName, type UserProfile, type UserProfileUpdate } from '../../model/users/user.ts'
import { isPhoneNumber, PHONE_NUMBER_RULE, toE164 } from '../../users/phone-number.ts'
import type { AccountCaller } from './caller.ts'

/** The profile of the caller. */
export const profileSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  emailVerified: z.boolean(),
  phone: z.string().nullable(),
  mfaEnabled: z.boolean(),
  organisation: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  roles: z.array(z.object({ id: z.string(), name: z.string(), slug: z.string() })),
  permissions: z
    .array(z.string())
    .describe('The permissions of all roles together, wildcards such as users:* and * included.'),
})

/** Which parts of a profile the caller may see. */
export interface ProfileVisibility {
  phone: boolean
  permissions: boolean
}

export function representProfile(
  { user, organisation, roles, permissions }: UserProfile,
  visibility: ProfileVisibility,
): z.output<typeof profileSchema> {
  return {
    id: user.id,
    email: user.email,
    name: displayName(user) ?? null,
    firstName: user.givenName,
    lastName: user.familyName,
    emailVerified: user.emailVerified,
    phone: visibility.phone ? user.phoneNumber : null,
    mfaEnabled: false,
    organisation,
    roles: visibility.permissions ? roles : [],
    permissions: visibility.permissions ? permissions : [],
  }
}

const personalName = z
  .string({ error: 'must be a string' })
  .max(100, { error: 'must have at most 100 characters' })
  .superRefine((name, context) => {
    const message = nameProblem(name)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .optional()

const phone = z
  .string({ error: 'must be a string or null' })
  .refine(isPhoneNumber, { error: PHONE_NUMBER_RULE })
  .nullable()
  .optional()
  .describe('With country code; stored in E.164 format. Null removes it.')

/** The body that updates the caller's profile. */
export const profileChangeSchema = z.strictObject(
  { firstName: personalName, lastName: personalName, phone },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has members that cannot be changed here: ${keys.join(', ')}`
        : 'must be a JSON object',
  },
)

/** The update that a body of `profileChangeSchema` asks for. */
export function readProfileChange(body: z.output<typeof profileChangeSchema>): UserProfileUpdate {
  return {
    givenName: body.firstName?.trim(),
    familyName: body.lastName?.trim(),
    phoneNumber: typeof body.phone === 'string' ? toE164(body.phone) : body.phone,
  }
}

/** The account of the caller, as repositories identify it. */
export function accountOf({ userId, organisationId }: AccountCaller): { id: string; organisationId: string } {
  return { id: userId, organisationId }
}

/** The profile, or a 401 problem: the user was blocked or deleted after the caller had been resolved. */
export function requireProfile(profile: UserProfile | undefined): UserProfile {
  if (!profile) throw unauthorized('Sign in first.')
  return profile
}

/** First-party clients see everything. Others see what their scopes include, and no roles or permissions. */
export function profileVisibilityFor({ firstParty, scopes }: AccountCaller): ProfileVisibility {
  return { phone: firstParty || (scopes?.includes('phone') ?? false), permissions: firstParty }
}
