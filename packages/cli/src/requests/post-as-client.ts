import type { ApiResponse } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import type { ClientCredentials } from '../sign-in/client-authentication.ts'
import { fetchWithCertificate } from './certificate-fetch.ts'
import { send } from './send.ts'
import type { ServerMetadata } from './server-metadata.ts'

/**
 * Posts a form to an endpoint where clients authenticate, and returns the response, whatever its status. `path` is that of
 * the metadata; undefined fields are left out. With a certificate the request goes to the endpoint's mTLS alias, if it has
 * one (RFC 8705 §5).
 */
export async function postAsClient(
  { issuer, aliases }: ServerMetadata,
  client: ClientCredentials,
  path: string,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<ApiResponse> {
  const { certificate, headers, fields: authentication } = await client.authenticate(issuer)
  const form = Object.entries({ ...fields, ...authentication })
  const given = form.filter((entry): entry is [string, string] => entry[1] !== undefined)
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(given).toString(),
  }
  if (!certificate) return send(issuer, { ...request, path })
  const { protocol, origin, pathname, search } = aliases.get(path) ?? new URL(issuer + path)
  if (protocol !== 'https:') throw new Failure('usage', `A client certificate needs https, and ${origin} has none.`)
  return send(origin, { ...request, path: pathname + search }, fetchWithCertificate(certificate))
}
