import type { FastifyInstance, FastifyRequest } from 'fastify'
import { registerJsonParser } from '../http/request/json-body.ts'
import { isObject } from '../lib/object.ts'

/** The media types of the two standard formats for partial changes (RFC 7396, RFC 6902). */
export const MERGE_PATCH = 'application/merge-patch+json'
export const JSON_PATCH = 'application/json-patch+json'

/** Makes a scope parse the two patch formats as JSON. */
export function acceptPatchBodies(scope: FastifyInstance): void {
  registerJsonParser(scope, { types: [MERGE_PATCH, JSON_PATCH] })
}

/** The format that the media type of a body names (RFC 5789 §2); `json` for any other. */
export function patchFormat({ headers }: FastifyRequest): 'merge-patch' | 'json-patch' | 'json' {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === MERGE_PATCH) return 'merge-patch'
  return type === JSON_PATCH ? 'json-patch' : 'json'
}

/** RFC 7396 §2. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = applyMergePatch(result[name], value)
  }
  return result
}
