// `admin/user-attributes` owns the operations on the attributes that an organisation defines for its users.
// What a value may be belongs to `users/attributes`. Values are members of the user: `admin/users`.

import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import {
  isAttributeName,
  userAttributeAccess,
  userAttributeTypes,
  type UserAttributeDefinition,
} from '../../model/users/user-attribute.ts'

export const ATTRIBUTES_PATH = '/v1/admin/user-attributes'
export const ATTRIBUTE_PATH = `${ATTRIBUTES_PATH}/:name`
export const ATTRIBUTES_TAG = 'User attributes'

export const attributeParams = z.object({ name: z.string().max(63) })

/** The members that can be changed. */
export const ruleMembers = {
  access: field
    .oneOf(userAttributeAccess)
    .describe(
      'What users may do with their own value: change it, only read it, or not see it. Administrators may do all.',
    ),
  required: field.boolean.describe('Whether new users need a value, and none can be removed.'),
  unique: field.boolean.describe('Whether no two users may have the same value.'),
  pattern: field
    .text(500)
    .min(1, { error: 'must not be empty' })
    .nullable()
    .describe('A regular expression of RE2 for the whole text.'),
  maxLength: field.integer(1, 4000).nullable().describe('The number of characters of the text, or of each entry.'),
  options: field.listOf(field.text(200).min(1, { error: 'must not be empty' })).describe('The values of an enum.'),
  titles: z
    .strictObject(
      { en: field.displayName.optional(), de: field.displayName.optional() },
      { error: 'must be an object with the members en and de' },
    )
    .describe('What people read, in English and German.'),
}

export const newAttributeSchema = z.strictObject(
  {
    name: field
      .validatedString((name) =>
        isAttributeName(name)
          ? undefined
          : 'must have 1 to 63 letters, digits and underscores, and begin with a lower-case letter',
      )
      .describe('Cannot be changed.'),
    type: field.oneOf(userAttributeTypes).describe('Cannot be changed.'),
    searchable: field.boolean.default(false).describe('Whether search finds users by it. Cannot be changed.'),
    access: ruleMembers.access.default('hidden'),
    required: ruleMembers.required.default(false),
    unique: ruleMembers.unique.default(false),
    pattern: ruleMembers.pattern.default(null),
    maxLength: ruleMembers.maxLength.default(null),
    options: ruleMembers.options.default([]),
    titles: ruleMembers.titles.default({}),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const attributeChangeSchema = z.strictObject(
  {
    access: ruleMembers.access.optional(),
    required: ruleMembers.required.optional(),
    unique: ruleMembers.unique.optional(),
    pattern: ruleMembers.pattern.optional(),
    maxLength: ruleMembers.maxLength.optional(),
    options: ruleMembers.options.optional(),
    titles: ruleMembers.titles.optional(),
  },
  {
    error: field.memberError('has members that cannot be changed'),
  },
)

export const attributeSchema = z.object({
  name: z.string(),
  type: z.enum(userAttributeTypes),
  access: z.enum(userAttributeAccess),
  required: z.boolean(),
  unique: z.boolean(),
  searchable: z.boolean(),
  pattern: z.string().nullable(),
  maxLength: z.int().nullable(),
  options: z.array(z.string()),
  titles: z.object({ en: z.string().optional(), de: z.string().optional() }),
  createdAt: z.string(),
  updatedAt: z.string(),
})

export function representAttribute({
  id: _,
  organisationId: __,
  createdAt,
  updatedAt,
  ...definition
}: UserAttributeDefinition): z.output<typeof attributeSchema> {
  return { ...definition, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
}
