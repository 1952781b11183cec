import {
  bodyMembers,
  findOperation,
  type OpenApiDocument,
  resolveSchema,
  type Schema,
  type ServerMetadata,
} from '../openapi/document.ts'
import { supportedValues } from './supported-values.ts'

/** How a member is edited. `lines` is a list of free texts, one a line; `json` is everything else. */
export type FieldKind = 'text' | 'lines' | 'number' | 'boolean' | 'choice' | 'choices' | 'date-time' | 'json'

/** A member of a client as a form field. */
export interface Field {
  member: string
  /** The heading of its group. */
  group: string
  help: string
  kind: FieldKind
  /** Whether it can be null. */
  nullable: boolean
  /** The allowed values, for `choices` those of its items; empty: any. */
  choices: readonly string[]
  /** The choices that the server's metadata lists as supported; suggestions where any value is allowed. */
  supported: readonly string[]
  /** Its limits as a sentence; may be empty. */
  bounds: string
  /** Whether a new client can have it, and whether it can be changed later. */
  creatable: boolean
  changeable: boolean
}

const OTHER_GROUP = 'Other members'

/** The settable members of a client, in the order of the document. */
export function readFields(document: OpenApiDocument, metadata: ServerMetadata): Field[] {
  const created = bodyMembers(document, 'createClient')
  const changed = bodyMembers(document, 'updateClient')
  const order = [...created.keys(), ...changed.keys()]
  return [...new Set(order)].map((member) => ({
    ...fieldOf(document, member, created.get(member) ?? changed.get(member) ?? {}, metadata),
    creatable: created.has(member),
    changeable: changed.has(member),
  }))
}

/** The filters of the client list: its query parameters, without those for search, paging and sorting. */
export function readFilters(document: OpenApiDocument, metadata: ServerMetadata): Field[] {
  const others = new Set(['page', 'limit', 'per_page', 'offset', 'sort', 'order', 'search', 'status'])
  return (findOperation(document, 'listClients')?.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && !others.has(parameter.name))
    .map(({ name, description, schema = {} }) => {
      const described = description === undefined ? schema : { ...schema, description }
      return { ...fieldOf(document, name, described, metadata), nullable: true, creatable: true, changeable: true }
    })
}

/** The values of the `sort` parameter of the client list. */
export function readSorts(document: OpenApiDocument): string[] {
  const { schema } = findOperation(document, 'listClients')?.parameters?.find(({ name }) => name === 'sort') ?? {}
  return namesOf(schema?.enum)
}

function fieldOf(document: OpenApiDocument, member: string, given: Schema, metadata: ServerMetadata) {
  const schema = resolveSchema(document, given)
  const { nullable, core } = withoutNull(document, schema)
  const choices = core.type === 'array' ? namesOf(core.items?.enum) : namesOf(core.enum)
  const supported = supportedValues(member, metadata)
  return {
    member,
    group: given['x-group'] ?? schema['x-group'] ?? OTHER_GROUP,
    help: given.description ?? schema.description ?? '',
    kind: kindOf(core, choices, supported),
    nullable,
    choices,
    supported: supported ?? choices,
    bounds: boundsOf(core),
  }
}

function kindOf(core: Schema, choices: readonly string[], supported: readonly string[] | undefined): FieldKind {
  switch (core.type ?? 'unknown') {
    case 'boolean':
      return 'boolean'
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      if (core.items?.type !== 'string') return 'json'
      return choices.length > 0 || supported !== undefined ? 'choices' : 'lines'
    case 'string':
      if (choices.length > 0) return 'choice'
      return core.format === 'date-time' ? 'date-time' : 'text'
    default:
      return 'json'
  }
}

function boundsOf({ type, minimum, maximum, maxLength, maxItems, format }: Schema): string {
  if (format === 'date-time') return 'A time such as 2027-01-31T12:00:00Z.'
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}.`
  if (type === 'array' && maxItems !== undefined) return `At most ${maxItems}.`
  return maxLength === undefined ? '' : `At most ${maxLength} characters.`
}

/** A schema without null among its types. Of a union of several others only a common type is kept. */
function withoutNull(document: OpenApiDocument, schema: Schema): { nullable: boolean; core: Schema } {
  const union = schema.anyOf ?? schema.oneOf
  if (union) {
    const members = union.map((one) => resolveSchema(document, one))
    const rest = members.filter(({ type }) => type !== 'null')
    const nested = rest.map((one) => withoutNull(document, one))
    const nullable = rest.length < members.length || nested.some((one) => one.nullable)
    const [first, ...more] = nested.map(({ core }) => core)
    if (!first) return { nullable, core: {} }
    if (more.length === 0) return { nullable, core: first }
    const sameType = more.every(({ type }) => type === first.type) && typeof first.type === 'string'
    return { nullable, core: sameType ? { type: first.type as string } : {} }
  }
  if (!Array.isArray(schema.type)) return { nullable: false, core: schema }
  const types = schema.type.filter((type) => type !== 'null')
  const { type: _, ...rest } = schema
  const [only] = types
  return {
    nullable: types.length < schema.type.length,
    core: types.length === 1 && only !== undefined ? { ...rest, type: only } : rest,
  }
}

function namesOf(values: readonly unknown[] = []): string[] {
  return values.filter((value) => typeof value === 'string')
}
