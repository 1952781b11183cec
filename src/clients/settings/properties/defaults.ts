import { z } from 'zod'

// What a setting is when it was never set. A setting that may be null is null by default, and a list is empty; any other
// names its default here. Defaults that depend on other settings are in `applyDefaults`.
const defaults = z.registry<{ value: unknown }>()

/** Call it last: a schema that is made from this one does not keep the default, unless only its description differs. */
export function withDefault<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): Schema {
  defaults.add(schema, { value })
  return schema
}

/** The default of the setting depends on other settings (`applyDefaults`), even where null or an empty list is valid. */
export function withDependentDefault<Schema extends z.ZodType>(schema: Schema): Schema {
  defaults.add(schema, { value: undefined })
  return schema
}

/** The default of a setting; undefined where it depends on other settings. */
export function defaultOf(schema: z.ZodType): unknown {
  const registered = defaults.get(schema)
  if (registered) return structuredClone(registered.value)
  return [null, []].find((value) => schema.safeParse(value).success)
}
