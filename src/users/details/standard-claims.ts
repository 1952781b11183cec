import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { User, UserClaims } from '../../model/users/user.ts'
import { isPhoneNumber, PHONE_NUMBER_RULE, toE164 } from '../phone-number.ts'

// The standard claims of a user in a body (OpenID Connect Core §5.1), for administrators and for users themselves.

export const personalName = field.displayName
  .max(100, { error: 'must have at most 100 characters' })
  .transform((name) => name.trim())
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

/** Null removes a value. */
export const standardClaimMembers = {
  name: removable(field.displayName.transform((name) => name.trim())).describe('Default: first and last name.'),
  firstName: removable(personalName),
  middleName: removable(personalName),
  lastName: removable(personalName),
  nickname: removable(personalName),
  preferredUsername: removable(personalName),
  profile: removable(field.webUri),
  picture: removable(field.webUri),
  website: removable(field.webUri),
  gender: removable(personalName),
  birthdate: removable(birthdate),
  zoneinfo: removable(zoneinfo),
  locale: removable(locale),
  phone: removable(phone),
  address: removable(address),
}

const standardClaims = z.object(standardClaimMembers)

/** The claims that a body gives, under the names of the model. */
export function readStandardClaims(body: z.output<typeof standardClaims>): UserClaims {
  const { firstName, lastName, phone: phoneNumber, address: lines, ...claims } = body
  return {
    name: claims.name,
    givenName: firstName,
    middleName: claims.middleName,
    familyName: lastName,
    nickname: claims.nickname,
    preferredUsername: claims.preferredUsername,
    profile: claims.profile,
    picture: claims.picture,
    website: claims.website,
    gender: claims.gender,
    birthdate: claims.birthdate,
    zoneinfo: claims.zoneinfo,
    locale: claims.locale,
    phoneNumber,
    address: lines as UserClaims['address'],
  }
}

/** The claims of a user under the names of a body, but for the whole name, the phone number and the address. */
export function representStandardClaims(user: User) {
  return {
    firstName: user.givenName,
    middleName: user.middleName,
    lastName: user.familyName,
    nickname: user.nickname,
    preferredUsername: user.preferredUsername,
    profile: user.profile,
    picture: user.picture,
    website: user.website,
    gender: user.gender,
    birthdate: user.birthdate,
    zoneinfo: user.zoneinfo,
    locale: user.locale,
  }
}

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
