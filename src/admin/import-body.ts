import { z } from 'zod'
import * as field from '../clients/settings/properties/fields.ts'
import type { ValidationIssue } from '../lib/validation-issue.ts'

/** Roles or teams, named by their slugs. */
export const slugs = z
  .array(field.text(100).min(1, { error: 'must not be empty' }), { error: 'must be a list of slugs' })
  .max(100, { error: 'must have at most 100 entries' })
  .optional()

/** What is wrong with one line of an import, which fails alone. `subject`: the line, at the start of a sentence. */
export const problemOf = (issues: readonly z.core.$ZodIssue[], subject: string) =>
  issues.map(({ path, message }) => `${path.join('.') || subject} ${message}`).join('; ')

export const toIssue = ({ path, code, message }: z.core.$ZodIssue): ValidationIssue => ({
  path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
  code: code,
  message,
})
