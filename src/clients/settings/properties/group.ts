import type { z } from 'zod'

/** Gives members the heading under which forms and the OpenAPI document (`x-group`) show them. */
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
