import {
  defaultPasswordPolicy,
  MIN_PASSWORD_LENGTH,
  type PasswordPolicy,
} from '../../../model/organisations/organisation-settings.ts'
import { commonPasswords } from './common-passwords.ts'
import { MAX_PASSWORD_BYTES } from './passwords.ts'

/** The user whose password is chosen. */
export interface PasswordOwner {
  email: string
  name?: string | null | undefined
}

/** Rows of keyboards and alphabets. A password that is part of one, in either direction, is rejected. */
const SEQUENCES = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
]

/**
 * What is wrong with a new password, as sentences; empty if it can be used (NIST SP 800-63B §3.1.1.2). It must have at
 * least 8 characters, and at most what the hasher accepts. It must not be common, one word repeated, a run of characters,
 * or the user's e-mail address or name. The policy of the organisation may require more characters, and certain kinds.
 */
export function passwordIssues(
  password: string,
  { email, name }: PasswordOwner,
  policy: PasswordPolicy = defaultPasswordPolicy,
): string[] {
  if (!password.isWellFormed()) return ['The password must not contain half of a surrogate pair.']
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    return [`The password must have at most ${MAX_PASSWORD_BYTES} bytes in UTF-8.`]
  }
  // NIST counts a code point as one character.
  const minLength = Math.max(policy.minLength, MIN_PASSWORD_LENGTH)
  if (Array.from(password.normalize('NFC')).length < minLength) {
    return [`The password must have at least ${minLength} characters.`]
  }
  const compared = toComparable(password)
  const issues = missingKinds(password, policy)
  if (isCommon(compared)) issues.push('The password is one of the most common passwords, or a simple pattern.')
  if (identitiesOf({ email, name }).has(compared)) {
    issues.push("The password must not be the user's e-mail address or name.")
  }
  return issues
}

/** A symbol is any character that is neither a letter nor a digit nor a blank. */
function missingKinds(password: string, policy: PasswordPolicy): string[] {
  const kinds = [
    { required: policy.requireUppercase, name: 'an upper-case letter', pattern: /\p{Lu}/u },
    { required: policy.requireLowercase, name: 'a lower-case letter', pattern: /\p{Ll}/u },
    { required: policy.requireNumbers, name: 'a digit', pattern: /\p{Nd}/u },
    { required: policy.requireSymbols, name: 'a symbol', pattern: /[^\p{L}\p{N}\p{M}\s]/u },
  ]
  return kinds
    .filter(({ required, pattern }) => required && !pattern.test(password))
    .map(({ name }) => `The password must have ${name}.`)
}

function isCommon(compared: string): boolean {
  return commonPasswords.has(compared) || isRun(compared) || isRepetition(compared)
}

function isRun(compared: string): boolean {
  const reversed = Array.from(compared).toReversed().join('')
  return SEQUENCES.some((sequence) => sequence.includes(compared) || sequence.includes(reversed))
}

/** Whether the text consists of one part of at most 4 characters, repeated, or of a common password twice. */
function isRepetition(compared: string): boolean {
  const part = /^(.+?)\1+$/u.exec(compared)?.[1]
  return part !== undefined && (Array.from(part).length <= 4 || isCommon(part))
}

/** The texts that a password must not consist of: the address, its local part, and the name with and without spaces. */
function identitiesOf({ email, name }: PasswordOwner): Set<string> {
  const address = toComparable(email)
  const localPart = address.slice(0, Math.max(0, address.lastIndexOf('@')))
  const words = toComparable(name ?? '').split(/\s+/)
  return new Set([address, localPart, words.join(' '), words.join(''), words.toReversed().join('')])
}

function toComparable(text: string): string {
  return text.trim().normalize('NFKC').toLowerCase()
}
