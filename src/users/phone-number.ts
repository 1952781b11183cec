/** What `isPhoneNumber` accepts, for an error that begins with the name of the member. */
export const PHONE_NUMBER_RULE = 'must be a number with its country code, 7 to 15 digits in all, such as +49 30 1234567'

/** Whether a text is a phone number with its country code, with or without punctuation. */
export function isPhoneNumber(text: string): boolean {
  return /^\+[\d ().-]{1,40}$/.test(text) && /^\+[1-9]\d{6,14}$/.test(toE164(text))
}

/** A phone number without punctuation, in E.164 format. */
export function toE164(phoneNumber: string): string {
  return phoneNumber.replaceAll(/[ ().-]/g, '')
}
