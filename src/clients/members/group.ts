import type { z } from 'zod'

/** Members under the heading at which forms and documents show them, as `x-group` of the OpenAPI document. */
export function group<Members extends Record<string, z.ZodType>>(heading: string, members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, member.meta({ ...member.meta(), 'x-group': heading })]),
  ) as Members
}
