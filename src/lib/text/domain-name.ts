import { domainToASCII, domainToUnicode } from 'node:url'

/** Letters and digits of all scripts, hyphens, and the full stops that IDNA reads as a dot. */
const CHARACTERS = /^[\p{L}\p{N}\p{M}.\-\u3002\uff0e\uff61]+$/u
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/
const MAX_LENGTH = 253

/**
 * A domain name of at least two labels in the form of the DNS: lower case, internationalised labels as `xn--…` (UTS 46),
 * without a dot at the end. Undefined for any other text, addresses included.
 */
export function toAsciiDomain(text: string): string | undefined {
  const trimmed = text.trim()
  if (!CHARACTERS.test(trimmed)) return undefined
  const ascii = domainToASCII(trimmed).replace(/\.$/, '')
  const labels = ascii.split('.')
  const isName = labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
  return isName && ascii.length <= MAX_LENGTH ? ascii : undefined
}

/** The same name as people read it. */
export const toUnicodeDomain = (ascii: string): string => domainToUnicode(ascii) || ascii

/** The domain of an e-mail address in the form of the DNS. */
export function domainOfEmail(email: string): string | undefined {
  return toAsciiDomain(email.slice(email.lastIndexOf('@') + 1))
}
