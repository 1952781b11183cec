import type { z } from 'zod'
import { defaultOf } from './defaults.ts'

/**
 * Gives members the heading under which forms and the OpenAPI document show them (`x-group`), and the default that they
 * have whatever the other settings are (`x-default`). It is not the keyword `default`: in a change of a client, a member
 * that is left out stays unchanged.
 */
export function withFormGroup<Members extends Record<string, z.ZodType>>(
  heading: string,
  properties: Members,
): Members {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const value = defaultOf(property)
      const meta = { ...property.meta(), 'x-group': heading, ...(value !== undefined && { 'x-default': value }) }
      return [name, property.meta(meta)]
    }),
  ) as Members
}
