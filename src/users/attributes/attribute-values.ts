import { RE2JS } from 're2js'
import { isValidUnicode } from '../../lib/text/unicode.ts'
import { InvalidInput } from '../../lib/domain-error.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'
import {
  MAX_ATTRIBUTE_BYTES,
  MAX_ATTRIBUTE_ENTRIES,
  type UserAttributeChange,
  type UserAttributeDefinition,
  type UserAttributeRepository,
  type UserAttributes,
  type UserAttributeType,
  type UserAttributeValue,
} from '../../model/users/user-attribute.ts'

/** Values as a body has them, by the names of attributes. Null removes a value. */
export type GivenAttributes = Readonly<Record<string, unknown>>

export interface AttributeReader {
  userAttributes: Pick<UserAttributeRepository, 'list'>
}

type Definition = Pick<
  UserAttributeDefinition,
  'id' | 'name' | 'type' | 'required' | 'unique' | 'pattern' | 'maxLength' | 'options'
>

/**
 * What a body changes of the attributes of a user. With `isNew`, required attributes must be given. Throws `InvalidInput`
 * with every value that an attribute does not accept, and every name that none of the definitions has.
 */
export function readAttributeChanges(
  definitions: readonly Definition[],
  given: GivenAttributes,
  { isNew }: { isNew: boolean },
): UserAttributeChange[] {
  const issues: ValidationIssue[] = []
  const report = (name: string, message: string) => issues.push({ path: ['attributes', name], code: 'custom', message })
  const changes = Object.entries(given).flatMap(([name, value]): UserAttributeChange[] => {
    const definition = definitions.find((one) => one.name === name)
    const problem = definition ? valueProblem(definition, value) : 'is not an attribute that you can set'
    if (problem !== undefined) report(name, problem)
    const isRemoved = value === null || (Array.isArray(value) && value.length === 0)
    return definition ? [{ definition, value: isRemoved ? null : (value as UserAttributeValue) }] : []
  })
  for (const { name, required } of definitions) {
    if (isNew && required && !Object.hasOwn(given, name)) report(name, 'must be given')
  }
  if (issues.length > 0) throw new InvalidInput(issues)
  return changes
}

/** The same for an organisation, whose definitions are read only where they may matter. */
export async function findAttributeChanges(
  { userAttributes }: AttributeReader,
  organisationId: string,
  given: GivenAttributes | undefined,
  options: { isNew: boolean },
): Promise<UserAttributeChange[]> {
  if (given === undefined && !options.isNew) return []
  return readAttributeChanges(await userAttributes.list(organisationId), given ?? {}, options)
}

/** What users change of their own attributes. The others do not exist for them. */
export async function findOwnAttributeChanges(
  { userAttributes }: AttributeReader,
  organisationId: string,
  given: GivenAttributes | undefined,
): Promise<UserAttributeChange[]> {
  if (given === undefined) return []
  const definitions = await userAttributes.list(organisationId)
  const editable = definitions.filter(({ access }) => access === 'editable')
  return readAttributeChanges(editable, given, { isNew: false })
}

/** Values before and after a change, under the names that audit events have. */
export function attributeFields(changes: readonly UserAttributeChange[], before: UserAttributes = {}) {
  const named = (valueOf: (change: UserAttributeChange) => unknown) =>
    Object.fromEntries(changes.map((change) => [`attributes.${change.definition.name}`, valueOf(change)]))
  return {
    before: named(({ definition }) => before[definition.name] ?? null),
    after: named(({ value }) => value),
  }
}

/** Why an attribute does not accept a value, or undefined; completes the sentence "<path> …". */
export function valueProblem(definition: Definition, value: unknown): string | undefined {
  const { type, required } = definition
  if (value === null || (Array.isArray(value) && value.length === 0)) {
    return required ? 'is required and cannot be removed' : undefined
  }
  const problem = typeProblems[type](value, definition)
  if (problem !== undefined) return problem
  return Buffer.byteLength(JSON.stringify(value)) > MAX_ATTRIBUTE_BYTES
    ? `must have at most ${MAX_ATTRIBUTE_BYTES} bytes in JSON`
    : undefined
}

const typeProblems: Record<UserAttributeType, (value: unknown, definition: Definition) => string | undefined> = {
  string: (value, definition) => textProblem(value, definition),
  number: (value) => (typeof value === 'number' && Number.isFinite(value) ? undefined : 'must be a number'),
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
  date: (value) => (typeof value === 'string' && isDate(value) ? undefined : 'must be a date such as 2027-01-31'),
  enum: (value, { options }) =>
    typeof value === 'string' && options.includes(value) ? undefined : `must be one of ${options.join(', ')}`,
  'string[]': (value, definition) => {
    if (!Array.isArray(value)) return 'must be a list of strings'
    if (value.length > MAX_ATTRIBUTE_ENTRIES) return `must have at most ${MAX_ATTRIBUTE_ENTRIES} entries`
    if (new Set(value).size < value.length) return 'must not have an entry twice'
    return value.map((entry) => textProblem(entry, definition)).find((problem) => problem !== undefined)
  },
}

function textProblem(value: unknown, { pattern, maxLength }: Definition): string | undefined {
  if (typeof value !== 'string') return 'must be a string'
  if (value === '' || !isValidUnicode(value)) return 'must be text, not empty and without the character NUL'
  if (maxLength !== null && value.length > maxLength) return `must have at most ${maxLength} characters`
  if (pattern === null || value.length > MAX_ATTRIBUTE_BYTES || matchesPattern(pattern, value)) return undefined
  return `must match the pattern ${pattern}`
}

/** RE2 takes linear time, whatever the pattern. */
function matchesPattern(pattern: string, value: string): boolean {
  return RE2JS.compile(pattern).matches(value)
}

/** Whether a text is a regular expression of RE2. */
export function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text)
    return true
  } catch {
    return false
  }
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** The value that a filter means, as the attribute stores it; undefined where no user can have it. */
export function readFilterValue({ type }: Pick<UserAttributeDefinition, 'type'>, text: string) {
  if (type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
  if (type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : undefined
  return text
}
