import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { UserDetails } from '../../model/users/user-directory.ts'
import { isEmailAddress } from '../../users/email-address.ts'
import { isPhoneNumber, PHONE_NUMBER_RULE, toE164 } from '../../users/phone-number.ts'

const name = field.displayName.max(100, { error: 'must have at most 100 characters' })
const removable = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional()

const phone = field
  .validatedString((number) => (isPhoneNumber(number) ? undefined : PHONE_NUMBER_RULE))
  .transform(toE164)
  .meta({ description: 'With country code; stored in E.164 format.' })

/** `YYYY-MM-DD`, `0000-MM-DD` without the year, or `YYYY` (OpenID Connect Core §5.1). */
const birthdate = field.validatedString((date) =>
  /^\d{4}$/.test(date) || isDay(date) ? undefined : 'must be YYYY-MM-DD, 0000-MM-DD or YYYY',
)

const zoneinfo = field.validatedString((zone) =>
  isTimeZone(zone) ? undefined : 'must be the name of a time zone, such as Europe/Berlin',
)

const locale = field.validatedString((tag) =>
  field.languageTag.test(tag) ? undefined : 'must be a language tag, such as de or en-GB',
)

const addressLine = field.text(500)
const address = z.strictObject(
  {
    formatted: addressLine.optional(),
    street_address: addressLine.optional(),
    locality: addressLine.optional(),
    region: addressLine.optional(),
    postal_code: addressLine.optional(),
    country: addressLine.optional(),
  },
  { error: 'must be an object with members of the address claim (OpenID Connect Core §5.1.1)' },
)

/** The details of a user in a body. Null removes a value. */
export const userDetailMembers = {
  externalId: removable(field.text(200).min(1, { error: 'must not be empty' })),
  emailVerified: field.boolean.optional().describe('Whether the e-mail address is known to belong to the user.'),
  name: removable(field.displayName).describe('Default: first and last name.'),
  firstName: removable(name),
  middleName: removable(name),
  lastName: removable(name),
  nickname: removable(name),
  preferredUsername: removable(name),
  profile: removable(field.webUri),
  picture: removable(field.webUri),
  website: removable(field.webUri),
  gender: removable(name),
  birthdate: removable(birthdate),
  zoneinfo: removable(zoneinfo),
  locale: removable(locale),
  phone: removable(phone),
  phoneVerified: field.boolean.optional(),
  address: removable(address),
}

const userDetails = z.object(userDetailMembers)

/** The details that a body gives, under the names of the model. */
export function readUserDetails(body: z.output<typeof userDetails>): UserDetails {
  const { firstName, lastName, phone: phoneNumber, phoneVerified, address: lines, ...details } = body
  return {
    externalId: details.externalId,
    emailVerified: details.emailVerified,
    name: details.name,
    givenName: firstName,
    middleName: details.middleName,
    familyName: lastName,
    nickname: details.nickname,
    preferredUsername: details.preferredUsername,
    profile: details.profile,
    picture: details.picture,
    website: details.website,
    gender: details.gender,
    birthdate: details.birthdate,
    zoneinfo: details.zoneinfo,
    locale: details.locale,
    phoneNumber,
    phoneNumberVerified: phoneVerified,
    address: lines as UserDetails['address'],
  }
}

/** An e-mail address as users enter it. */
export const emailAddress = field.validatedString((email) =>
  isEmailAddress(email) ? undefined : 'must be an e-mail address',
)

export const password = field.text(1024)

function isDay(date: string): boolean {
  const [, year = '', monthAndDay = ''] = /^(\d{4})-(\d{2}-\d{2})$/.exec(date) ?? []
  // A leap year, where the year is not known.
  const day = new Date(`${year === '0000' ? '2000' : year}-${monthAndDay}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(5, 10) === monthAndDay
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(zone)
  } catch {
    return false
  }
}
