import { z } from 'zod'
import { keySetProblem } from '../../../keys/client-key-set.ts'
import { isWithinDepth } from '../../../lib/json.ts'
import { isValidUnicode } from '../../../lib/text/unicode.ts'
import { isVisibleText, nameProblem } from '../../../lib/text/visible-text.ts'
import { originProblem, redirectUriProblem } from '../../../oauth/redirect-uri.ts'
import { resourceIdentifierProblem } from '../../../oauth/resource-identifier.ts'
import { isScopeToken } from '../../../oauth/scope.ts'

// The kinds of value that client metadata is made of. Every message completes the sentence "<path> …".

/** Text of at most `maxLength` UTF-16 units. */
export function text(maxLength: number) {
  return z
    .string({ error: 'must be a string' })
    .max(maxLength, { error: `must have at most ${maxLength} characters` })
    .refine(isValidUnicode, { error: 'must not hold the character NUL or half of a surrogate pair' })
}

/** A string for which `problemOf` returns no message. */
export function validatedString(problemOf: (value: string) => string | undefined) {
  return z.string({ error: 'must be a string' }).superRefine((value, context) => {
    const message = problemOf(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
}

/** One scope (RFC 6749 §3.3). */
export const scope = validatedString((value) =>
  isScopeToken(value) && value.length <= 200
    ? undefined
    : 'must be one scope: up to 200 printable ASCII characters without space, " and \\',
)

/** A list of at most 100 distinct items. */
export function listOf<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item, { error: 'must be a list of strings' })
    .max(100, { error: 'must have at most 100 entries' })
    .superRefine((items, context) => {
      items.forEach((value, index) => {
        if (items.indexOf(value) < index) {
          context.addIssue({ code: 'custom', path: [index], message: 'is listed before; list it once' })
        }
      })
    })
}

/** A whole number within bounds. */
export function integer(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

export const boolean = z.boolean({ error: 'must be true or false' })

export const oneOf = <const Name extends string>(names: readonly Name[]) =>
  z.enum(names, { error: `must be ${names.length === 1 ? '' : 'one of '}${names.join(', ')}` })

/** An instant, read as a `Date`. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2027-01-31T12:00:00Z' })
  .transform((value) => new Date(value))

/** The name of a group of clients. */
export const groupName = validatedString((value) =>
  /^[\p{L}\p{N}][\p{L}\p{N} ._/-]{0,62}(?<! )$/u.test(value) && nameProblem(value) === undefined
    ? undefined
    : 'must be a group: 1 to 63 letters, digits, spaces and . _ / -, beginning with a letter or a digit',
)

const MAX_ATTRIBUTES = 50
const MAX_ATTRIBUTES_BYTES = 16_384
const attributeText = text(1000)

/** Custom attributes of a client. */
export const attributes = z
  .record(
    z.string(),
    z.union([attributeText, z.array(attributeText).max(100, { error: 'must have at most 100 entries' })], {
      error: 'must be a string or a list of strings',
    }),
    { error: 'must be an object of strings and lists of strings' },
  )
  .superRefine((given, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    const names = Object.keys(given)
    if (names.length > MAX_ATTRIBUTES) issue([], `must have at most ${MAX_ATTRIBUTES} members`)
    for (const name of names) {
      if (/^[A-Za-z][A-Za-z0-9_.:/-]{0,99}$/.test(name)) continue
      issue([name], 'must be under a name of 1 to 100 letters, digits and _ . : / -, beginning with a letter')
    }
    if (Buffer.byteLength(JSON.stringify(given)) > MAX_ATTRIBUTES_BYTES) {
      issue([], `must have at most ${MAX_ATTRIBUTES_BYTES} octets as JSON`)
    }
  })

/** A name for display: visible, on one line, and without characters that reverse or cover the text beside it. */
export const displayName = text(200).superRefine((value, context) => {
  // `text` reports NUL by itself.
  const message = value.includes('\0') ? undefined : nameProblem(value)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})

/** Text of at most `maxLength` UTF-16 units of which readers see something. */
export function visibleText(maxLength: number) {
  return text(maxLength).refine((value) => value === '' || isVisibleText(value), {
    error: 'must have a visible character',
  })
}

/** The URL of a page or an image for users. */
export const webUri = validatedString(webUriProblem)

function webUriProblem(uri: string): string | undefined {
  const [page = '', ...fragments] = uri.split('#')
  if (fragments.length > 1 || !/^[\x21-\x7e]*$/.test(uri)) return 'must be an absolute URI'
  return redirectUriProblem(page, 'confidential')
}

/** The URL of a page or document, https only. */
export const secureUri = validatedString(
  (uri) => webUriProblem(uri) ?? (uri.startsWith('https:') ? undefined : 'must use https'),
)

/** The error of an object that has members which its schema lacks, and of what is no object. */
export const memberError =
  (problem: string, otherwise = 'must be a JSON object') =>
  (issue: z.core.$ZodRawIssue): string =>
    issue.code === 'unrecognized_keys' ? `${problem}: ${issue.keys.join(', ')}` : otherwise

/** A language tag (RFC 5646 §2.1), checked as far as the lookup needs. */
export const languageTag = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/

/** Values by language tag. */
export function byLanguage<Values extends z.ZodRawShape>(values: Values, maxLanguages: number) {
  const entry = z.strictObject(values, {
    error: ({ code }) => (code === 'unrecognized_keys' ? 'has members that are not localised' : 'must be an object'),
  })
  return z.record(z.string(), entry, { error: 'must be an object of language tags' }).superRefine((given, context) => {
    const tags = Object.keys(given)
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (tags.length > maxLanguages) issue([], `must have at most ${maxLanguages} languages`)
    for (const [index, tag] of tags.entries()) {
      if (tag.length > 100 || !languageTag.test(tag)) issue([tag], 'must be under a language tag, such as fr or de-CH')
      const same = tags.slice(0, index).some((other) => other.toLowerCase() === tag.toLowerCase())
      if (same) issue([tag], 'is there before in another spelling: language tags have no case')
    }
  })
}

/** The localised values of a client. */
export const localised = byLanguage(
  {
    name: displayName.optional(),
    clientUri: webUri.optional(),
    logoUri: webUri.optional(),
    policyUri: webUri.optional(),
    tosUri: webUri.optional(),
  },
  100,
)

/** A logout URL of a client (OpenID Connect Front-Channel and Back-Channel Logout §2). */
export const logoutUri = validatedString((uri) => redirectUriProblem(uri, 'confidential'))

/** The public keys of a client (RFC 7517 §5). */
export const keySet = z
  .record(z.string(), z.unknown(), { error: 'must be a JSON Web Key Set' })
  .superRefine((value, context) => {
    const message = keySetProblem(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

export const webOrigin = validatedString((origin) =>
  origin.length > 300 ? 'must have at most 300 characters' : originProblem(origin),
)

/** The identifier of a protected resource (RFC 8707 §2). */
export const resourceUri = validatedString(resourceIdentifierProblem)

export const emailAddress = validatedString((address) =>
  address.length <= 254 &&
  isValidUnicode(address) &&
  /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(address) &&
  nameProblem(address) === undefined
    ? undefined
    : 'must be an e-mail address',
)

const MAX_METADATA_BYTES = 16_384
const MAX_METADATA_DEPTH = 8

/** A JSON object that the server stores and does not read. */
export const metadata = z
  .record(z.string(), z.unknown(), { error: 'must be a JSON object' })
  .superRefine((value, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', path: [], message })
    if (!isWithinDepth(value, MAX_METADATA_DEPTH)) issue(`must not be nested more than ${MAX_METADATA_DEPTH} deep`)
    else if (Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES) {
      issue(`must have at most ${MAX_METADATA_BYTES} octets as JSON`)
    }
  })
