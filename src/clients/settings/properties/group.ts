import type { z } from 'zod'

/** Members under the heading at which forms and documents show them, as `x-group` of the OpenAPI document. */
export function withFormGroup<Members extends Record<string, z.ZodType>>(
  heading: string,
  properties: Members,
): Members {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      property.meta({ ...property.meta(), 'x-group': heading }),
    ]),
  ) as Members
}
