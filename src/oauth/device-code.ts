/** RFC 8628 §3.4. */
export const deviceCodeGrantType = 'urn:ietf:params:oauth:grant-type:device_code'

/** No vowels, so that no words occur, and no characters that look alike (RFC 8628 §6.1). */
export const USER_CODE_ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
/** 20^8 codes: 34.6 bits. */
export const USER_CODE_LENGTH = 8

const USER_CODE_PATTERN = new RegExp(`^[${USER_CODE_ALPHABET}]{${USER_CODE_LENGTH}}$`)

/** Formats a user code for display, in two groups. */
export function formatUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** Parses a user code as typed: in any case, with spaces or a dash. Undefined if it is malformed. */
export function parseUserCode(text: string): string | undefined {
  const code = text.toUpperCase().replaceAll(/[\s\p{P}]/gu, '')
  return USER_CODE_PATTERN.test(code) ? code : undefined
}
