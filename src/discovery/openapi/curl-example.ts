import type { OpenAPIV3_1 } from 'openapi-types'
import type { Operation } from './operations/operation.ts'

const FORM = 'application/x-www-form-urlencoded'

/** The curl command for a request with the example values of the operation. */
export function buildCurlExample(
  issuer: string,
  sessionCookie: string,
  method: string,
  path: string,
  { parameters = [], requestBody, security = [] }: Operation,
): string {
  const parameterObjects = parameters.filter((parameter) => 'name' in parameter)
  const parametersWithExample = parameterObjects.filter(({ example }) => example !== undefined)
  const search = new URLSearchParams(
    parametersWithExample
      .filter((parameter) => parameter.in === 'query')
      .map(({ name, example }) => [name, String(example)]),
  )
  const url = issuer + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
  const [credential] = security.flatMap((requirement) => Object.keys(requirement))
  const body = requestBody && 'content' in requestBody ? requestBody.content : {}
  const lines = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${shellQuote(search.size > 0 ? `${url}?${search}` : url)}`,
    ...credentialLines(credential, sessionCookie, exampleOf(body[FORM])),
    ...parametersWithExample
      .filter((parameter) => parameter.in === 'header')
      .map(({ name, example }) => `-H ${shellQuote(`${name}: ${example}`)}`),
    ...bodyLines(body),
  ]
  return lines.join(' \\\n  ')
}

function credentialLines(scheme: string | undefined, sessionCookie: string, fields: object): string[] {
  if (scheme === 'session') return [`-H ${shellQuote(`Cookie: ${sessionCookie}=SESSION`)}`]
  if (scheme === 'accessToken') return [`-H ${shellQuote('Authorization: Bearer ACCESS_TOKEN')}`]
  if (scheme === 'registrationToken') return [`-H ${shellQuote('Authorization: Bearer REGISTRATION_TOKEN')}`]
  if (scheme === 'clientSecretBasic' && !('client_id' in fields)) return [`-u ${shellQuote('CLIENT_ID:CLIENT_SECRET')}`]
  return []
}

function bodyLines(body: Readonly<Record<string, OpenAPIV3_1.MediaTypeObject>>): string[] {
  const json = body['application/json']
  if (json) return [`-H ${shellQuote('Content-Type: application/json')}`, `-d ${shellQuote(formatJson(json.example))}`]
  return Object.entries(exampleOf(body[FORM])).map(
    ([name, value]) => `-d ${shellQuote(`${name}=${encodeFormValue(String(value))}`)}`,
  )
}

/** JSON on one line if it is short, otherwise with one line per member. */
function formatJson(value: unknown): string {
  const line = JSON.stringify(value)
  if (line.length < 72 || typeof value !== 'object' || value === null) return line
  const members = Object.entries(value).map(
    ([name, member]) => `    ${JSON.stringify(name)}: ${JSON.stringify(member)}`,
  )
  return `{\n${members.join(',\n')}\n  }`
}

const exampleOf = (media: OpenAPIV3_1.MediaTypeObject | undefined): object =>
  typeof media?.example === 'object' && media.example !== null ? media.example : {}

/** Form-encoded, but with colons and slashes unescaped, which is valid and easier to read. */
function encodeFormValue(value: string): string {
  return encodeURIComponent(value).replaceAll(/%3A|%2F/g, (escape) => decodeURIComponent(escape))
}

function shellQuote(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
