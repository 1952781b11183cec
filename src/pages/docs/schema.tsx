import type { ComponentChildren } from 'preact'
import type { OpenAPIV3_1 } from 'openapi-types'

export type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject

/** One member of a body, or one parameter. */
export interface Row {
  name: string
  required: boolean
  schema: Schema
  description: string | undefined
}

const isReference = (schema: Schema): schema is OpenAPIV3_1.ReferenceObject => '$ref' in schema
const nameOf = ({ $ref }: OpenAPIV3_1.ReferenceObject): string => $ref.slice($ref.lastIndexOf('/') + 1)

/** The members of an object, those of objects within it after them: `organisation.slug`, `data[].id`. */
export function rowsOf(schema: Schema, prefix = ''): Row[] {
  if (isReference(schema)) return []
  const own = withoutNull(schema)
  return Object.entries(own.properties ?? {}).flatMap(([member, value]) => {
    const name = prefix + member
    const inner = isReference(value) ? undefined : withoutNull(value)
    const items = inner?.type === 'array' && 'items' in inner ? inner.items : undefined
    const row = {
      name,
      required: own.required?.includes(member) ?? false,
      schema: value,
      description: isReference(value) ? undefined : value.description,
    }
    return [row, ...(inner ? rowsOf(inner, `${name}.`) : []), ...(items ? rowsOf(items, `${name}[].`) : [])]
  })
}

/** `anyOf` of something and null is that something, and may be absent. */
function withoutNull(schema: OpenAPIV3_1.SchemaObject): OpenAPIV3_1.SchemaObject {
  const [only, second] = (schema.anyOf ?? []).filter((choice) => isReference(choice) || choice.type !== 'null')
  return only && !second && !isReference(only) ? only : schema
}

/** What a value may be, in words. */
export function Type({ schema }: { schema: Schema }): ComponentChildren {
  if (isReference(schema)) return <a href={`#schema-${nameOf(schema)}`}>{nameOf(schema)}</a>
  if (schema.enum) return <Choice values={schema.enum} />
  if (schema.const !== undefined) return <Choice values={[schema.const]} />
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) {
    return choices.map((choice, index) => (
      <>
        {index > 0 && ' or '}
        <Type schema={choice} />
      </>
    ))
  }
  if (schema.type === 'array' && 'items' in schema) {
    const { items } = schema
    const plain = !isReference(items) && items.type === 'string' && !items.enum
    return <>list of {plain ? 'strings' : <Type schema={items} />}</>
  }
  return [schema.type ?? 'anything'].flat().join(' or ')
}

function Choice({ values }: { values: readonly unknown[] }) {
  return values.map((value, index) => (
    <>
      {index > 0 && ', '}
      <code>{String(value)}</code>
    </>
  ))
}

const bounds = (schema: OpenAPIV3_1.SchemaObject): string[] => [
  ...(schema.minimum === undefined ? [] : [`from ${schema.minimum}`]),
  // A number of 16 digits says no more than that it is a whole one.
  ...(schema.maximum === undefined || schema.maximum > Number.MAX_SAFE_INTEGER - 1 ? [] : [`up to ${schema.maximum}`]),
  ...(schema.maxLength === undefined ? [] : [`up to ${schema.maxLength} characters`]),
  ...(schema.maxItems === undefined ? [] : [`up to ${schema.maxItems}`]),
  ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
]

/** Members or parameters as a list that reads well on a phone too. */
export function Rows({ rows }: { rows: readonly Row[] }) {
  return (
    <dl class="rows">
      {rows.map(({ name, required, schema, description }) => {
        const limits = isReference(schema) ? [] : bounds(withoutNull(schema))
        return (
          <div>
            <dt>
              <code>{name}</code> {required && <span class="must">required</span>}
            </dt>
            <dd>
              <span class="type">
                <Type schema={schema} />
                {limits.length > 0 && `, ${limits.join(', ')}`}
              </span>
              {description !== undefined && (
                <>
                  <br />
                  {description}
                </>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
