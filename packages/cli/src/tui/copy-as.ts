import type { Call } from './calls.ts'

/** The server and the organisation, as options of the command line name them. */
export interface CommandTarget {
  server: string
  /** The name of the context; undefined where the server was named instead. */
  context: string | undefined
  organisation: string | undefined
}

/** A call as a curl command. The access token comes from the environment: it must not be an argument. */
export function asCurl({ request }: Call, { server, organisation }: CommandTarget): string {
  const headers = { ...(organisation !== undefined && { 'x-org-domain': organisation }), ...request.headers }
  const parts = [
    `curl -sS --fail-with-body${request.method === 'GET' ? '' : ` -X ${request.method}`}`,
    shellQuote(server + request.path),
    '-H "Authorization: Bearer $CERBERUS_TOKEN"',
    ...Object.entries(headers).map(([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`),
    ...(request.body === undefined ? [] : [`-d ${shellQuote(formatJson(request.body))}`]),
  ]
  return parts.join(' \\\n  ')
}

/** A call as a `cerberus` command. */
export function asCommand({ words }: Call, { server, context, organisation }: CommandTarget): string {
  const where = context === undefined ? ['--server', server] : ['--context', context]
  const org = organisation === undefined ? [] : ['--org', organisation]
  const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(formatJson(text)))
  const lines = [['cerberus', ...where, ...org].map(word).join(' ')]
  let isFirst = true
  for (const written of words.map(word)) {
    // Each option has a line of its own, with its value.
    if (isFirst || !written.startsWith('-')) lines[lines.length - 1] += ` ${written}`
    else lines.push(written)
    isFirst = false
  }
  return lines.join(' \\\n  ')
}

/** Quotes one word for a POSIX shell. */
function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function formatJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text
  } catch {
    return text
  }
}
