// A client of the servers under test that says everything that can happen to a request, the absence of an answer
// included, as a value.
import { Agent, request } from 'node:http'

/** `status` 0: the connection failed or broke before a whole answer had come; `body` says how. */
export interface HttpResult {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

export interface HttpMessage {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  headers?: Readonly<Record<string, string>>
  /** Goes as a form. */
  form?: Readonly<Record<string, string>>
  /** Goes as JSON. */
  json?: unknown
  agent?: Agent
}

/** Connections that stay open, as many as are needed: attempts that leave together do not wait for one another. */
const keepAliveAgent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 512, scheduling: 'fifo' })

const UNANSWERED_MS = 30_000

/** Sends one request. Everything that is sent in one turn of the event loop leaves together. */
export function send(
  url: string,
  { method, headers, form, json, agent = keepAliveAgent }: HttpMessage = {},
): Promise<HttpResult> {
  const [type, body] =
    form !== undefined
      ? ['application/x-www-form-urlencoded', new URLSearchParams(form).toString()]
      : json !== undefined
        ? ['application/json', JSON.stringify(json)]
        : []
  return new Promise((resolve) => {
    const lost = (error: Error) => resolve({ status: 0, headers: {}, body: error.message })
    const outgoing = request(
      url,
      {
        agent,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(body !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', lost)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      },
    )
    outgoing.setTimeout(UNANSWERED_MS, () => outgoing.destroy(new Error('No answer in time')))
    outgoing.on('error', lost)
    outgoing.end(body)
  })
}

/** A member of a JSON answer that must be a string. */
export function stringMember(answer: HttpResult, name: string): string {
  const parsed: unknown = JSON.parse(answer.body)
  const value = (parsed as Record<string, unknown>)[name]
  if (typeof value !== 'string') throw new Error(`No ${name} in: ${answer.status} ${answer.body}`)
  return value
}

/** The same answer, for a step that the test only stands on. */
export function expectStatus(answer: HttpResult, status: number): HttpResult {
  if (answer.status !== status) throw new Error(`${status} was expected, and came: ${answer.status} ${answer.body}`)
  return answer
}
