import type { z } from 'zod'

const readOnlyProperties = new Set([
  'id',
  'organisationId',
  'clientId',
  'clientSecret',
  'version',
  'createdAt',
  'updatedAt',
  'lastUsedAt',
  'revokedAt',
  'refreshTokenRotation',
])

/** Replaces the one issue for all unknown members by one issue for each, whose path names the member. */
export function reportUnknownProperties(context: z.RefinementCtx): void {
  const index = context.issues.findIndex(({ code, path }) => code === 'unrecognized_keys' && !path?.length)
  const [issue] = index === -1 ? [] : context.issues.splice(index, 1)
  if (issue?.code !== 'unrecognized_keys') return
  for (const name of issue.keys)
    context.addIssue({ code: 'custom', path: [name], message: unknownPropertyMessage(name) })
}

function unknownPropertyMessage(name: string): string {
  if (readOnlyProperties.has(name)) return 'is read-only: the server sets it'
  if (name === 'clientType') return 'cannot be changed: register another client'
  return 'is not a member of client metadata'
}
