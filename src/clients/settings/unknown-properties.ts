import type { z } from 'zod'
import { closestName } from '../../lib/text/closest-name.ts'
import { optionalProperties, requiredProperties } from './properties/index.ts'

const readOnlyProperties = new Set([
  'id',
  'organisationId',
  'clientSecret',
  'version',
  'createdAt',
  'updatedAt',
  'lastUsedAt',
  'revokedAt',
  'refreshTokenRotation',
])

const settable = [requiredProperties, optionalProperties].flatMap(Object.keys)

/** The number of unknown members of one body for which a known one is suggested. */
const MAX_SUGGESTIONS = 20

/** Replaces the one issue for all unknown members by one issue for each, whose path names the member. */
export function reportUnknownProperties(context: z.RefinementCtx): void {
  const index = context.issues.findIndex(({ code, path }) => code === 'unrecognized_keys' && !path?.length)
  const [issue] = index === -1 ? [] : context.issues.splice(index, 1)
  if (issue?.code !== 'unrecognized_keys') return
  for (const [position, name] of issue.keys.entries()) {
    const meant = position < MAX_SUGGESTIONS ? closestName(name, settable) : undefined
    context.addIssue({ code: 'custom', path: [name], message: unknownPropertyMessage(name, meant) })
  }
}

function unknownPropertyMessage(name: string, meant: string | undefined): string {
  if (name === 'clientId') return 'is read-only: it cannot be changed after the registration'
  if (readOnlyProperties.has(name)) return 'is read-only: the server sets it'
  if (name === 'clientType') return 'cannot be changed: register another client'
  const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`
  return `is not a member of client metadata${suggestion}`
}
