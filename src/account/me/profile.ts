import { z } from 'zod'
import { displayName, type UserProfile, type UserProfileUpdate } from '../../model/users/user.ts'

/** What people see of themselves. */
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
  permissions: z.array(z.string()).describe('Of all roles together; may hold wildcards such as users:* and *.'),
})

/** What others may be told of a person's profile: their own applications everything, others what they were granted. */
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
  .refine((name) => name.trim() !== '', { error: 'must not be empty' })
  // PostgreSQL stores neither NUL nor half of a surrogate pair; the others turn around or hide what stands beside them.
  .refine((name) => !/[\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(name), {
    error: 'must not hold control characters or half of a surrogate pair',
  })
  .optional()

const phone = z
  .string({ error: 'must be a string or null' })
  .refine((number) => /^\+[\d ().-]{1,40}$/.test(number) && /^\+[1-9]\d{6,14}$/.test(withoutPunctuation(number)), {
    error: 'must be a number with its country code, 7 to 15 digits in all, such as +49 30 1234567',
  })
  .nullable()
  .optional()
  .describe('With country code; kept as E.164 has it. Null takes it away.')

/** The body that changes one's own profile. */
export const profileChangeSchema = z.strictObject(
  { firstName: personalName, lastName: personalName, phone },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys'
        ? `has members that cannot be changed here: ${keys.join(', ')}`
        : 'must be a JSON object',
  },
)

/** What the body of `profileChangeSchema` asks for. */
export function readProfileChange(body: z.output<typeof profileChangeSchema>): UserProfileUpdate {
  return {
    givenName: body.firstName?.trim(),
    familyName: body.lastName?.trim(),
    phoneNumber: typeof body.phone === 'string' ? withoutPunctuation(body.phone) : body.phone,
  }
}

function withoutPunctuation(number: string): string {
  return number.replaceAll(/[ ().-]/g, '')
}
