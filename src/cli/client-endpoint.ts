import type { ClientCredentials } from './client-authentication.ts'
import { Failure } from './failure.ts'
import type { Metadata } from './metadata.ts'
import { ask, type ServerAnswer } from './server.ts'

/**
 * Sends a form to an endpoint where clients prove themselves, and answers whatever it says; `path` is as the metadata has
 * it, undefined fields are left out. Who proves itself by a certificate is sent to the endpoint's alias, if it has one
 * (RFC 8705 §5).
 */
export async function askAsClient(
  { issuer, aliases }: Metadata,
  client: ClientCredentials,
  path: string,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<ServerAnswer> {
  const { certificate, headers, fields: proof } = await client.prove(issuer)
  const form = Object.entries({ ...fields, ...proof })
  const given = form.filter((entry): entry is [string, string] => entry[1] !== undefined)
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(given).toString(),
  }
  if (!certificate) return ask(issuer, { ...request, path })
  const { protocol, origin, pathname, search } = aliases.get(path) ?? new URL(issuer + path)
  if (protocol !== 'https:') throw new Failure('usage', `A certificate is shown by https, and ${origin} is not.`)
  return ask(origin, { ...request, path: pathname + search, certificate })
}
