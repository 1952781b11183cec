import { applyPatch } from 'rfc6902'
import { z } from 'zod'
import { conflict, validationError } from '../http/errors/problem.ts'
import { isWithinDepth } from '../lib/json.ts'
import type { ValidationIssue } from '../lib/validation-issue.ts'

const MAX_OPERATIONS = 100
const MAX_DOCUMENT_LENGTH = 262_144
const MAX_DOCUMENT_DEPTH = 24

const pointer = z
  .string({ error: 'must be a string' })
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, { error: 'must be a JSON pointer such as /redirectUris/0' })
const value = z.unknown().refine((given) => given !== undefined, { error: 'is missing' })
const operation = z.discriminatedUnion(
  'op',
  [
    z.object({ op: z.enum(['add', 'replace', 'test']), path: pointer, value }),
    z.object({ op: z.literal('remove'), path: pointer }),
    z.object({ op: z.enum(['move', 'copy']), from: pointer, path: pointer }),
  ],
  { error: 'must be one of add, remove, replace, move, copy, test' },
)

/** A JSON Patch document (RFC 6902 §3). */
export const jsonPatchSchema = z
  .array(operation, { error: 'must be a list of operations' })
  .max(MAX_OPERATIONS, { error: `must have at most ${MAX_OPERATIONS} operations` })

/**
 * Applies a JSON Patch to a copy of a document (RFC 6902 §4, §5: all operations or none). Throws a 400 problem for an
 * invalid patch or a path that does not exist, and a 409 problem if a test fails.
 */
export function applyJsonPatch(document: object, body: unknown): unknown {
  const patch = jsonPatchSchema.safeParse(body)
  if (!patch.success) throw validationError(patch.error.issues as ValidationIssue[])
  // Stored by a release without this limit.
  if (!isWithinDepth(document, MAX_DOCUMENT_DEPTH))
    throw conflict(
      'The stored document is nested too deep for a JSON Patch. Replace the nested member with PUT or PATCH.',
    )
  const patched: object = structuredClone(document)
  patch.data.forEach((step, index) => {
    const issueAt = (member: string, message: string) =>
      validationError([{ path: [index, member], code: 'custom', message }])
    if ('from' in step && !pointerResolves(patched, step.from, 'a value')) throw issueAt('from', 'names no value')
    if ('from' in step && `${step.path}/`.startsWith(`${step.from}/`)) {
      throw issueAt('path', 'must not be from, or lie within it')
    }
    const addsValue = step.op === 'add' || step.op === 'move' || step.op === 'copy'
    if (!pointerResolves(patched, step.path, addsValue ? 'a place' : 'a value')) {
      throw issueAt('path', addsValue ? 'names no place for a value' : 'names no value')
    }
    const [failure] = applyPatch(patched, [step])
    if (failure && step.op === 'test') {
      throw conflict(`The test of ${step.path || 'the whole document'} failed: it has another value.`)
    }
    if (failure) throw issueAt('path', 'names a value to which the operation cannot be applied')
    if (addsValue && !isWithinDepth(patched, MAX_DOCUMENT_DEPTH))
      throw issueAt('path', `must not make the document nested more than ${MAX_DOCUMENT_DEPTH} deep`)
    // Repeated copies double the document.
    if (step.op === 'copy' && JSON.stringify(patched).length > MAX_DOCUMENT_LENGTH) {
      throw issueAt('from', 'must not make the document larger than 262,144 characters')
    }
  })
  return patched
}

/** Whether a pointer follows own members and array indexes only (RFC 6901 §4). The library does not check this. */
function pointerResolves(document: unknown, path: string, to: 'a value' | 'a place'): boolean {
  const tokens = path.split('/').slice(1)
  let current = document
  for (const [depth, escaped] of tokens.entries()) {
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
    const isInsertionPoint = to === 'a place' && depth === tokens.length - 1
    if (typeof current !== 'object' || current === null || forbiddenTokens.has(token)) return false
    if (Array.isArray(current)) {
      if (token === '-' || Number(token) === current.length) return isInsertionPoint
      if (!/^(?:0|[1-9]\d{0,8})$/.test(token) || Number(token) > current.length) return false
    } else if (!Object.hasOwn(current, token)) {
      return isInsertionPoint
    }
    current = (current as Record<string, unknown>)[token]
  }
  return true
}

const forbiddenTokens = new Set(['__proto__', 'constructor', 'prototype'])
