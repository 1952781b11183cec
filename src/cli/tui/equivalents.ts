import type { Call } from './requests.ts'

/** Where the terminal UI works, as the command line is told it. */
export interface Whereabouts {
  server: string
  /** The name of the context; undefined where the server was named instead. */
  context: string | undefined
  organisation: string | undefined
}

/** A call as curl makes it. The access token is in the environment of whoever runs it, as no token is ever an argument. */
export function asCurl({ request }: Call, { server, organisation }: Whereabouts): string {
  const headers = { ...(organisation !== undefined && { 'x-org-domain': organisation }), ...request.headers }
  const parts = [
    `curl -sS --fail-with-body${request.method === 'GET' ? '' : ` -X ${request.method}`}`,
    quoted(server + request.path),
    '-H "Authorization: Bearer $CERBERUS_TOKEN"',
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(request.body === undefined ? [] : [`-d ${quoted(laidOut(request.body))}`]),
  ]
  return parts.join(' \\\n  ')
}

/** A call as a command line of `cerberus`. */
export function asCommand({ words }: Call, { server, context, organisation }: Whereabouts): string {
  const where = context === undefined ? ['--server', server] : ['--context', context]
  const org = organisation === undefined ? [] : ['--org', organisation]
  const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : quoted(laidOut(text)))
  const lines = [['cerberus', ...where, ...org].map(word).join(' ')]
  let isFirst = true
  for (const written of words.map(word)) {
    // Each option has a line of its own, with what it is given.
    if (isFirst || !written.startsWith('-')) lines[lines.length - 1] += ` ${written}`
    else lines.push(written)
    isFirst = false
  }
  return lines.join(' \\\n  ')
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function laidOut(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text
  } catch {
    return text
  }
}
