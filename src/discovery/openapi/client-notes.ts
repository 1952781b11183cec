import { noteOf } from '../../clients/members/index.ts'
import type { Schema } from './operation.ts'

/** The schema of a client with what each member means and the heading it stands under, where it does not say so itself. */
export function withClientNotes(schema: Schema): Schema {
  if ('$ref' in schema || !schema.properties) return schema
  const properties = Object.entries(schema.properties).map(([name, member]): [string, Schema] => [
    name,
    '$ref' in member ? member : { ...noteOf(name), ...member },
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}
