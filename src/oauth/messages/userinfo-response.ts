import { z } from 'zod'
import { epochSeconds, parameter } from './message.ts'

const text = z.string().optional()
const flag = z.boolean().optional()

/** OpenID Connect Core §5.1, §5.3.2. */
export const userinfoResponse = z
  .object({
    sub: parameter('The subject identifier of the user: public, or pairwise if the client registered that.'),
    name: text,
    given_name: text,
    family_name: text,
    middle_name: text,
    nickname: text,
    preferred_username: text,
    profile: text,
    picture: text,
    website: text,
    gender: text,
    birthdate: text,
    zoneinfo: text,
    locale: text,
    updated_at: epochSeconds.optional(),
    email: text,
    email_verified: flag,
    phone_number: text,
    phone_number_verified: flag,
    address: z.looseObject({}).meta({ description: 'OpenID Connect Core section 5.1.1.' }).optional(),
    organisation: z
      .union([z.object({ id: z.string(), slug: z.string(), name: z.string() }), z.string()])
      .meta({ description: 'The organisation of the user: for first-party clients, and with the scope organisation.' })
      .optional(),
    roles: z
      .array(z.union([z.string(), z.looseObject({ slug: z.string(), name: z.string() })]))
      .meta({ description: 'The roles of the user: objects for first-party clients, slugs with the scope roles.' })
      .optional(),
    groups: z
      .array(z.union([z.string(), z.looseObject({ slug: z.string(), name: z.string() })]))
      .meta({ description: 'The teams of the user, with the scope groups.' })
      .optional(),
    permissions: z
      .array(z.union([z.string(), z.object({ name: z.string(), slug: z.string() })]))
      .meta({
        description: 'The permissions of the user: objects for first-party clients, slugs with the scope permissions.',
      })
      .optional(),
  })
  .meta({
    description:
      'The claims of the granted scopes, individually requested claims, and those that the client configured under any name. Unknown claims are left out (OpenID Connect Core sections 5.1 and 5.4).',
  })
export type UserinfoResponse = z.output<typeof userinfoResponse>
