/** RFC 8628 §3.4. */
export const deviceCodeGrantType = 'urn:ietf:params:oauth:grant-type:device_code'

/** No vowels, so no words, and nothing that looks like something else (RFC 8628 §6.1). */
export const USER_CODE_ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
/** 20^8 codes: 34.6 bits. */
export const USER_CODE_LENGTH = 8

const USER_CODE_PATTERN = new RegExp(`^[${USER_CODE_ALPHABET}]{${USER_CODE_LENGTH}}$`)

/** A user code as people read it: two groups. */
export function formatUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** The code in what somebody typed, in small letters, with blanks or with a dash; undefined where it cannot be one. */
export function parseUserCode(text: string): string | undefined {
  const code = text.toUpperCase().replaceAll(/[\s\p{P}]/gu, '')
  return USER_CODE_PATTERN.test(code) ? code : undefined
}
