import type { OpenAPIV3_1 } from 'openapi-types'
import { Rows, rowsOf, Type, type Row, type Schema } from './schema.tsx'

type Document = OpenAPIV3_1.Document
type Operation = OpenAPIV3_1.OperationObject & { 'x-codeSamples'?: { source: string }[] }

/** An operation with where it is. */
export interface Endpoint {
  method: string
  path: string
  operation: Operation
}

const methods = ['get', 'post', 'patch', 'put', 'delete'] as const

/** Every operation of a document, in its order. */
export function endpointsOf({ paths = {} }: Document): Endpoint[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item?.[method]
      return operation ? [{ method, path, operation }] : []
    }),
  )
}

const credentialDescriptions: Readonly<Record<string, string>> = {
  session: 'the session cookie',
  accessToken: 'an access token',
  clientSecretBasic: 'the client’s credentials',
}

/** Who may call it, in words; nothing where anybody may. */
function describeSecurity({ security = [] }: Operation): string | undefined {
  const credentialNames = security
    .flatMap((requirement) => Object.keys(requirement))
    .map((name) => credentialDescriptions[name] ?? name)
  return credentialNames.length === 0 ? undefined : `Takes ${credentialNames.join(' or ')}.`
}

export function OperationArticle({ document, endpoint }: { document: Document; endpoint: Endpoint }) {
  const { method, path, operation } = endpoint
  const { operationId = '', summary, description, parameters = [], requestBody, responses = {} } = operation
  const rows: [string, Row[]][] = (['path', 'query', 'header'] as const).map((place) => [
    place,
    parameters.flatMap((parameter) =>
      'in' in parameter && parameter.in === place
        ? [
            {
              name: parameter.name,
              required: parameter.required ?? false,
              schema: parameter.schema as Schema,
              description: parameter.description ?? (parameter.schema as OpenAPIV3_1.SchemaObject).description,
            },
          ]
        : [],
    ),
  ])
  const bodies = requestBody && 'content' in requestBody ? Object.entries(requestBody.content) : []
  const resolvedResponses = Object.entries(responses).map(([status, response]) => ({
    status,
    ...resolveResponse(document, response),
  }))
  return (
    <article id={`operation-${operationId}`} aria-labelledby={`title-${operationId}`}>
      <div class="head">
        <h3 id={`title-${operationId}`}>{summary}</h3>
        <p class="route">
          <span class={`method method-${method}`}>{method.toUpperCase()}</span>
          <code>{path}</code>
        </p>
        {(description ?? describeSecurity(operation)) && (
          <p class="text">{[description, describeSecurity(operation)].filter(Boolean).join(' ')}</p>
        )}
      </div>
      {rows.map(([place, found]) => found.length > 0 && <Section title={`In the ${place}`} rows={found} />)}
      {bodies.map(([type, { schema }]) => (
        <BodySection title={type === 'application/json' ? 'JSON body' : 'Form'} schema={schema} />
      ))}
      {resolvedResponses
        .filter(({ status }) => Number(status) < 400)
        .map(({ status, description: meaning, content = {} }) => (
          <ResponseSection status={status} meaning={meaning} schema={content['application/json']?.schema} />
        ))}
      <ErrorStatuses
        statuses={resolvedResponses.map(({ status }) => status).filter((status) => Number(status) >= 400)}
        path={path}
      />
      {operation['x-codeSamples']?.map(({ source }) => (
        <div class="part">
          <h4>Example</h4>
          <pre tabIndex={0}>
            <code>{source}</code>
          </pre>
        </div>
      ))}
    </article>
  )
}

function resolveResponse(document: Document, response: OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject) {
  if (!('$ref' in response)) return response
  const found = document.components?.responses?.[response.$ref.slice(response.$ref.lastIndexOf('/') + 1)]
  return found && !('$ref' in found) ? found : { description: '' }
}

function Section({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <div class="part">
      <h4>{title}</h4>
      <Rows rows={rows} />
    </div>
  )
}

function BodySection({ title, schema }: { title: string; schema: Schema | undefined }) {
  const rows = schema ? rowsOf(schema) : []
  if (rows.length > 0) return <Section title={title} rows={rows} />
  if (!schema) return null
  return (
    <div class="part">
      <h4>{title}</h4>
      <p>
        <Type schema={schema} />
      </p>
    </div>
  )
}

function ResponseSection({ status, meaning, schema }: { status: string; meaning: string; schema: Schema | undefined }) {
  const rows = schema ? rowsOf(schema) : []
  const named = schema !== undefined && '$ref' in schema
  return (
    <div class="part">
      <h4>Answer {status}</h4>
      <p>
        {meaning === 'Default Response' ? 'Done.' : meaning}
        {named && ' '}
        {named && <Type schema={schema} />}
      </p>
      {rows.length > 0 && <Rows rows={rows} />}
    </div>
  )
}

function ErrorStatuses({ statuses, path }: { statuses: string[]; path: string }) {
  if (statuses.length === 0) return null
  const [where, what] = path.startsWith('/v1/') ? ['problems', 'problem'] : ['errors', 'error']
  return (
    <p class="refusals">
      Refused with {statuses.join(', ')}: see <a href={`#${where}`}>the {what}s</a>.
    </p>
  )
}
