import type { ClientKeys } from '../keys/client-keys.ts'
import { mayBeOfKind, readCompact } from '../keys/jws.ts'
import type { Signer } from '../keys/signer.ts'
import { signingAlgorithms, type RegisteredClient } from '../model/client.ts'
import { isStorable } from '../lib/text.ts'
import { OAuthError } from '../oauth/errors.ts'
import { refuseRepeated, restoreParameters, storeParameters, type Parameters } from '../oauth/params.ts'
import { parseResponseType } from '../oauth/response-type.ts'

export interface RequestSourceOptions {
  issuer: string
  clientKeys: ClientKeys
  /** The text that somebody encrypted to a key of this server. */
  decrypt: Signer['decrypt']
  /** The document at an address that a client registered; throws where there is none. */
  fetchDocument: (url: string) => Promise<string>
}

/** Whether the parameters of a request are elsewhere, in part or all. */
export function hasRequestObject(parameters: Parameters): boolean {
  return parameters.get('request') !== undefined || parameters.get('request_uri') !== undefined
}

/**
 * The parameters of an authorization request whose client has put them into a request object, by value or by reference
 * (OpenID Connect Core §6, RFC 9101 §4). What stands inside wins over what stands beside it (§6.1, §6.3.3). Throws
 * `invalid_request_object`, `invalid_request_uri` or `invalid_request`.
 */
export async function readRequestObject(
  parameters: Parameters,
  client: RegisteredClient,
  options: RequestSourceOptions,
): Promise<Parameters> {
  refuseRepeated(parameters)
  const byValue = parameters.get('request')
  const byReference = parameters.get('request_uri')
  if (byValue !== undefined && byReference !== undefined) {
    throw new OAuthError('invalid_request', "'request' and 'request_uri' are sent both: use one.")
  }
  const object = byValue ?? (await fetchObject(byReference ?? '', client, options))
  const claims = await readClaims(await decrypted(object, client, options), client, options)
  checkClaims(claims, parameters, client, options.issuer)
  const outside = Object.entries(storeParameters(parameters)).filter(
    ([name]) => name !== 'request' && name !== 'request_uri',
  )
  return restoreParameters({ ...Object.fromEntries(outside), ...asParameters(claims) })
}

/** §6.2: only what the client registered is fetched. What stands after `#` tells versions apart and is not sent. */
async function fetchObject(
  uri: string,
  client: RegisteredClient,
  { fetchDocument }: RequestSourceOptions,
): Promise<string> {
  const [address = ''] = uri.split('#')
  if (!client.requestUris.some((registered) => registered.split('#')[0] === address)) {
    throw new OAuthError('invalid_request_uri', 'request_uri is not one that is registered for this client.')
  }
  try {
    return (await fetchDocument(address)).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : undefined
    throw new OAuthError('invalid_request_uri', 'There was nothing to fetch at request_uri.', {
      ...(reason !== undefined && { reason }),
    })
  }
}

/** §6.1: a request object may be encrypted to us, around its signature. */
async function decrypted(object: string, client: RegisteredClient, { decrypt }: RequestSourceOptions): Promise<string> {
  if (object.split('.', 5).length !== 5) return object
  const only = { alg: client.requestObjectEncryptionAlg, enc: client.requestObjectEncryptionEnc }
  const text = await decrypt(object, only)
  if (text !== undefined) return text
  const how = [only.alg, only.enc].filter((name) => name !== null).join(' and ')
  throw new OAuthError(
    'invalid_request_object',
    `The request object is not encrypted to a key of this server${how === '' ? '' : ` by ${how}`}.`,
  )
}

async function readClaims(
  object: string,
  client: RegisteredClient,
  { clientKeys }: RequestSourceOptions,
): Promise<Record<string, unknown>> {
  const compact = readCompact(object)
  if (compact && !mayBeOfKind(compact, 'oauth-authz-req+jwt')) {
    throw new OAuthError('invalid_request_object', 'The request object is a JWT of another kind.')
  }
  const only = client.requestObjectSigningAlg
  const unsigned = only === null || only === 'none' ? clientKeys.readUnsigned(object) : undefined
  if (unsigned) return unsigned
  const algorithms = only === null ? signingAlgorithms : signingAlgorithms.filter((alg) => alg === only)
  const signed = algorithms.length > 0 ? await clientKeys.verify(object, client, algorithms) : undefined
  if (signed) return signed
  const how = only === null ? 'by a key of this client' : `as registered: ${only}`
  throw new OAuthError('invalid_request_object', `The request object is expired, or no JWT that is signed ${how}.`)
}

function checkClaims(
  claims: Readonly<Record<string, unknown>>,
  parameters: Parameters,
  client: RegisteredClient,
  issuer: string,
): void {
  const refuse = (what: string) => new OAuthError('invalid_request_object', `The request object ${what}.`)
  if (!isStorable(JSON.stringify(claims).replaceAll('\\u0000', '\0'))) throw refuse('holds text that is no text')
  if (claims['request'] !== undefined || claims['request_uri'] !== undefined) throw refuse('holds another one')
  const { iss, sub, aud, client_id: clientId, response_type: responseType } = claims
  if (iss !== undefined && iss !== client.clientId) throw refuse('has an iss that is not the client')
  // What names the client as its subject is made to prove it, and must not go through browsers (RFC 9101 §10.8).
  if (sub === client.clientId) throw refuse('has the client as its sub: that is for client assertions alone')
  if (clientId !== undefined && clientId !== client.clientId) throw refuse('has a client_id that is not the client')
  if (aud !== undefined && ![aud].flat().includes(issuer)) throw refuse('has an aud that is not this server')
  const outside = parameters.get('response_type')
  if (responseType === undefined || outside === undefined) return
  if (typeof responseType !== 'string' || parseResponseType(responseType) !== parseResponseType(outside)) {
    throw refuse('has another response_type than the request')
  }
}

/** Claims as parameters: text and numbers as they are, `claims` as the JSON that it is. What is of the JWT stays out. */
function asParameters(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  const found: [string, string][] = []
  for (const [name, value] of Object.entries(claims)) {
    if (['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'sub'].includes(name)) continue
    if (typeof value === 'string' && value !== '') found.push([name, value])
    else if (typeof value === 'number') found.push([name, String(value)])
    else if (name === 'claims' && typeof value === 'object' && value !== null) found.push([name, JSON.stringify(value)])
  }
  return Object.fromEntries(found)
}
