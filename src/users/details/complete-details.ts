// `users/details` owns the details of users: the standard claims in bodies, and what follows from a change of one.

import { fullName, type User, type UserDetails } from '../../model/users/user.ts'

/**
 * The details with what follows from them, for a new user or a change of `user`. A given or family name makes the full name,
 * unless that is given; a removed full name is made of them. A changed phone number is not verified, unless that is given.
 */
export function completeDetails(details: UserDetails, user?: User): UserDetails {
  const { givenName = user?.givenName ?? null, familyName = user?.familyName ?? null } = details
  const { name, phoneNumber, phoneNumberVerified } = details
  const nameChanged = [details.givenName, details.familyName, name].some((part) => part !== undefined)
  const isOtherPhone = phoneNumber !== undefined && user !== undefined && phoneNumber !== user.phoneNumber
  return {
    ...details,
    ...(nameChanged && { name: name ?? fullName(givenName, familyName) }),
    ...(isOtherPhone && phoneNumberVerified === undefined && { phoneNumberVerified: false }),
  }
}
