import type { Address, User } from '../../model/users/user.ts'

/** The columns of user `u`, as `readUser` wants them. */
export const userColumns = `
    u.id AS user_row_id, u.organisation_id AS user_organisation_id, u.email, u.email_verified, u.name, u.given_name,
    u.family_name, u.middle_name, u.nickname, u.preferred_username, u.profile, u.picture, u.website, u.gender,
    u.birthdate, u.zoneinfo, u.locale, u.phone_number, u.phone_number_verified, u.address, u.updated_at AS user_updated_at`

export interface UserColumns {
  user_row_id: string
  user_organisation_id: string
  email: string
  email_verified: boolean
  name: string | null
  given_name: string | null
  family_name: string | null
  middle_name: string | null
  nickname: string | null
  preferred_username: string | null
  profile: string | null
  picture: string | null
  website: string | null
  gender: string | null
  birthdate: string | null
  zoneinfo: string | null
  locale: string | null
  phone_number: string | null
  phone_number_verified: boolean
  address: Address | null
  user_updated_at: Date
}

export function readUser(row: UserColumns): User {
  return {
    id: row.user_row_id,
    organisationId: row.user_organisation_id,
    email: row.email,
    emailVerified: row.email_verified,
    name: row.name,
    givenName: row.given_name,
    familyName: row.family_name,
    middleName: row.middle_name,
    nickname: row.nickname,
    preferredUsername: row.preferred_username,
    profile: row.profile,
    picture: row.picture,
    website: row.website,
    gender: row.gender,
    birthdate: row.birthdate,
    zoneinfo: row.zoneinfo,
    locale: row.locale,
    phoneNumber: row.phone_number,
    phoneNumberVerified: row.phone_number_verified,
    address: row.address,
    updatedAt: row.user_updated_at,
  }
}
