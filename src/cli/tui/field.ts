import { supportedOf } from './supported.ts'

/** How a member is edited. */
export type Kind = 'text' | 'lines' | 'number' | 'flag' | 'one' | 'several' | 'instant' | 'json'

/** A member of a client as a form has it, made from what the server says of it. */
export interface Field {
  member: string
  /** The heading that it stands under. */
  group: string
  help: string
  kind: Kind
  /** Whether it may be absent. */
  nullable: boolean
  /** What it may be, or for `several` what it may hold; empty: anything that fits. */
  choices: readonly string[]
  /** Those of the choices that the server says it supports, or values to begin with where anything fits. */
  supported: readonly string[]
  /** What the schema says of its size, in words; may be empty. */
  bounds: string
  /** Whether a new client may have it, and whether it can be changed later. */
  creatable: boolean
  changeable: boolean
}

/** As much of JSON Schema as members of clients are described by. */
interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  format?: string
  description?: string
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
  'x-group'?: string
}

/** An OpenAPI document, as far as it is needed. */
export interface OpenApi {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}
interface Operation {
  operationId?: string
  parameters?: { name: string; in: string; description?: string; schema?: Schema }[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

const OTHERS = 'Other members'

/** The members of a client that can be set, in the order in which the server describes them. */
export function readFields(document: OpenApi, metadata: Readonly<Record<string, unknown>>): Field[] {
  const created = membersOf(document, 'createClient')
  const changed = membersOf(document, 'updateClient')
  const order = [...created.keys(), ...changed.keys()]
  return [...new Set(order)].map((member) => ({
    ...fieldOf(document, member, created.get(member) ?? changed.get(member) ?? {}, metadata),
    creatable: created.has(member),
    changeable: changed.has(member),
  }))
}

/** What lists of clients can be narrowed by: the parameters of the query, without those that page and sort. */
export function readFilters(document: OpenApi, metadata: Readonly<Record<string, unknown>>): Field[] {
  const others = new Set(['page', 'limit', 'per_page', 'offset', 'sort', 'order', 'search', 'status'])
  return (operationOf(document, 'listClients')?.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && !others.has(parameter.name))
    .map(({ name, description, schema = {} }) => {
      const described = description === undefined ? schema : { ...schema, description }
      return { ...fieldOf(document, name, described, metadata), nullable: true, creatable: true, changeable: true }
    })
}

/** What lists of clients can be sorted by. */
export function readSorts(document: OpenApi): string[] {
  const { schema } = operationOf(document, 'listClients')?.parameters?.find(({ name }) => name === 'sort') ?? {}
  return namesOf(schema?.enum)
}

function fieldOf(document: OpenApi, member: string, given: Schema, metadata: Readonly<Record<string, unknown>>) {
  const schema = resolve(document, given)
  const { nullable, core } = withoutNull(document, schema)
  const choices = core.type === 'array' ? namesOf(core.items?.enum) : namesOf(core.enum)
  const supported = supportedOf(member, metadata)
  return {
    member,
    group: given['x-group'] ?? schema['x-group'] ?? OTHERS,
    help: given.description ?? schema.description ?? '',
    kind: kindOf(core, choices, supported),
    nullable,
    choices,
    supported: supported ?? choices,
    bounds: boundsOf(core),
  }
}

function kindOf(core: Schema, choices: readonly string[], supported: readonly string[] | undefined): Kind {
  switch (core.type ?? 'unknown') {
    case 'boolean':
      return 'flag'
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      if (core.items?.type !== 'string') return 'json'
      return choices.length > 0 || supported !== undefined ? 'several' : 'lines'
    case 'string':
      if (choices.length > 0) return 'one'
      return core.format === 'date-time' ? 'instant' : 'text'
    default:
      return 'json'
  }
}

function boundsOf({ type, minimum, maximum, maxLength, maxItems, format }: Schema): string {
  if (format === 'date-time') return 'An instant such as 2027-01-31T12:00:00Z.'
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}.`
  if (type === 'array' && maxItems !== undefined) return `At most ${maxItems}.`
  return maxLength === undefined ? '' : `At most ${maxLength} characters.`
}

/** A schema without the null among its types. Of several that are left, what they have in common is their type. */
function withoutNull(document: OpenApi, schema: Schema): { nullable: boolean; core: Schema } {
  const union = schema.anyOf ?? schema.oneOf
  if (union) {
    const members = union.map((one) => resolve(document, one))
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

function membersOf(document: OpenApi, operationId: string): Map<string, Schema> {
  const body = operationOf(document, operationId)?.requestBody?.content['application/json']?.schema
  return new Map(Object.entries((body && resolve(document, body).properties) ?? {}))
}

function operationOf(document: OpenApi, operationId: string): Operation | undefined {
  return Object.values(document.paths ?? {})
    .flatMap((item) => Object.values(item))
    .find((operation) => operation.operationId === operationId)
}

function resolve(document: OpenApi, schema: Schema): Schema {
  const name = schema.$ref?.replace(/^.*\//, '')
  const target = name === undefined ? undefined : document.components?.schemas?.[name]
  return target ? { ...resolve(document, target), ...schema } : schema
}

function namesOf(values: readonly unknown[] = []): string[] {
  return values.filter((value) => typeof value === 'string')
}
