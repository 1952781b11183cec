import { applyPatch } from 'rfc6902'
import { z } from 'zod'
import { validationError, Problem, type ValidationIssue } from '../http/errors/problem.ts'

const MAX_OPERATIONS = 100
const MAX_DOCUMENT_LENGTH = 262_144

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
 * What a JSON Patch makes of a document, which stays as it is (RFC 6902 §4, §5: all operations or none). Throws a 400
 * problem for what is no patch or names what is not there, and a 409 problem where a test fails.
 */
export function applyJsonPatch(document: object, body: unknown): unknown {
  const patch = jsonPatchSchema.safeParse(body)
  if (!patch.success) throw validationError(patch.error.issues as ValidationIssue[])
  const patched: object = structuredClone(document)
  patch.data.forEach((step, index) => {
    const issueAt = (member: string, message: string) =>
      validationError([{ path: [index, member], code: 'custom', message }])
    if ('from' in step && !pointerResolves(patched, step.from, 'what is there')) throw issueAt('from', 'names nothing')
    if ('from' in step && `${step.path}/`.startsWith(`${step.from}/`)) {
      throw issueAt('path', 'must not lie within from, or be it')
    }
    const addsValue = step.op === 'add' || step.op === 'move' || step.op === 'copy'
    if (!pointerResolves(patched, step.path, addsValue ? 'a place' : 'what is there')) {
      throw issueAt('path', addsValue ? 'names no place for a value' : 'names nothing')
    }
    const [failure] = applyPatch(patched, [step])
    if (failure && step.op === 'test') {
      throw new Problem(409, 'conflict', `The test of ${step.path || 'the whole'} failed: it has another value.`)
    }
    if (failure) throw issueAt('path', 'names nothing that this can be done to')
    // Copies of copies grow without end.
    if (step.op === 'copy' && JSON.stringify(patched).length > MAX_DOCUMENT_LENGTH) {
      throw issueAt('from', 'is too much to copy')
    }
  })
  return patched
}

/** Whether a pointer leads through own members and positions of lists alone (RFC 6901 §4), which the library leaves open. */
function pointerResolves(document: unknown, path: string, to: 'what is there' | 'a place'): boolean {
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
