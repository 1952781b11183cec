import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'

/** The JSON Schema of a zod schema, as it stands in an OpenAPI 3.1 document. */
export function toJsonSchema(schema: z.ZodType): OpenAPIV3_1.SchemaObject {
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema, {
    // Objects accept further members: clients must ignore those that they do not know (RFC 6749 §5.1).
    io: 'input',
    override({ jsonSchema: target }) {
      // The bounds that zod gives every integer.
      if (target.minimum === Number.MIN_SAFE_INTEGER) delete target.minimum
      if (target.maximum === Number.MAX_SAFE_INTEGER) delete target.maximum
    },
  })
  return JSON.parse(JSON.stringify(jsonSchema)) as OpenAPIV3_1.SchemaObject
}
