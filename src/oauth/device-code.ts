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

/** What may be typed or pasted between the letters: spaces, punctuation, what looks like a dash, and invisible characters. */
const SEPARATORS = /[\s\p{P}\p{Dash}\p{Cf}\p{Default_Ignorable_Code_Point}\u02d7\u2500\u2501\u2796\u2800\u30fc]/gu

/**
 * Parses a user code as typed: in any case and width (RFC 8628 §6.1), with spaces or any kind of dash. Undefined if it is
 * malformed.
 */
export function parseUserCode(text: string): string | undefined {
  const code = text.normalize('NFKC').toUpperCase().replaceAll(SEPARATORS, '')
  return USER_CODE_PATTERN.test(code) ? code : undefined
}
