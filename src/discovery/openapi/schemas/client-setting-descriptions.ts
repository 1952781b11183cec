import { describeProperty } from '../../../clients/settings/properties/index.ts'
import type { Schema } from '../operations/operation.ts'

/** The schema of a client, with the description and the form group of each setting that has none of its own. */
export function withSettingDescriptions(schema: Schema): Schema {
  if ('$ref' in schema || !schema.properties) return schema
  const properties = Object.entries(schema.properties).map(([name, member]): [string, Schema] => [
    name,
    '$ref' in member ? member : { ...describeProperty(name), ...member },
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}
