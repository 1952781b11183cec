import type { ClientKeys } from '../../keys/client-keys.ts'
import { mayHaveType, parseCompact } from '../../keys/jws.ts'
import type { Signer } from '../../keys/signer.ts'
import { profileOf } from '../../clients/settings/profiles.ts'
import type { RegisteredClient } from '../../model/clients/client.ts'
import { isValidUnicode } from '../../lib/unicode.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { rejectDuplicates, parametersFromRecord, parametersToRecord, type Parameters } from '../../oauth/parameters.ts'
import { parseResponseType } from '../../oauth/response-type.ts'

export interface RequestObjectOptions {
  issuer: string
  clientKeys: ClientKeys
  /** The text that somebody encrypted to a key of this server. */
  decrypt: Signer['decrypt']
  /** The document at an address that a client registered; throws where there is none. */
  fetchText: (url: string) => Promise<string>
}

/** Whether the parameters of a request are elsewhere, in part or all. */
export function hasRequestObject(parameters: Parameters): boolean {
  return parameters.get('request') !== undefined || parameters.get('request_uri') !== undefined
}

/**
 * The parameters of an authorization request whose client has put them into a request object, by value or by reference
 * (OpenID Connect Core §6, RFC 9101 §4). What stands inside wins over what stands beside it (§6.1, §6.3.3), which by the
 * profile or a setting of the client may not count at all (RFC 9101 §6.3). Throws
 * `invalid_request_object`, `invalid_request_uri` or `invalid_request`.
 */
export async function readRequestObject(
  parameters: Parameters,
  client: RegisteredClient,
  options: RequestObjectOptions,
): Promise<Parameters> {
  rejectDuplicates(parameters)
  const byValue = parameters.get('request')
  const byReference = parameters.get('request_uri')
  if (byValue === undefined && byReference === undefined) {
    throw new OAuthError('invalid_request', 'This client must send a signed request object (RFC 9101 §10.5).')
  }
  if (byValue !== undefined && byReference !== undefined) {
    throw new OAuthError('invalid_request', "'request' and 'request_uri' are sent both: use one.")
  }
  const requestObject = byValue ?? (await fetchRequestObject(byReference ?? '', client, options))
  const claims = await readVerifiedClaims(await decryptRequestObject(requestObject, client, options), client, options)
  validateClaims(claims, parameters, client, options.issuer)
  const outerParameters = Object.entries(parametersToRecord(parameters)).filter(([name]) =>
    profileOf(client).mergesRequestObject && !client.requireSignedRequestObject
      ? name !== 'request' && name !== 'request_uri'
      : name === 'client_id',
  )
  return parametersFromRecord({ ...Object.fromEntries(outerParameters), ...claimsToParameters(claims) })
}

/** §6.2: only what the client registered is fetched. What stands after `#` tells versions apart and is not sent. */
async function fetchRequestObject(
  uri: string,
  client: RegisteredClient,
  { fetchText }: RequestObjectOptions,
): Promise<string> {
  const [documentUrl = ''] = uri.split('#')
  if (!client.requestUris.some((registered) => registered.split('#')[0] === documentUrl)) {
    throw new OAuthError('invalid_request_uri', 'request_uri is not one that is registered for this client.')
  }
  try {
    return (await fetchText(documentUrl)).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : undefined
    throw new OAuthError('invalid_request_uri', 'There was nothing to fetch at request_uri.', {
      ...(reason !== undefined && { reason }),
    })
  }
}

/** §6.1: a request object may be encrypted to us, around its signature. */
async function decryptRequestObject(
  object: string,
  client: RegisteredClient,
  { decrypt }: RequestObjectOptions,
): Promise<string> {
  if (object.split('.', 5).length !== 5) return object
  const registeredAlgorithms = { alg: client.requestObjectEncryptionAlg, enc: client.requestObjectEncryptionEnc }
  const text = await decrypt(object, registeredAlgorithms)
  if (text !== undefined) return text
  const algorithmNames = [registeredAlgorithms.alg, registeredAlgorithms.enc]
    .filter((name) => name !== null)
    .join(' and ')
  throw new OAuthError(
    'invalid_request_object',
    `The request object is not encrypted to a key of this server${algorithmNames === '' ? '' : ` by ${algorithmNames}`}.`,
  )
}

async function readVerifiedClaims(
  object: string,
  client: RegisteredClient,
  { clientKeys }: RequestObjectOptions,
): Promise<Record<string, unknown>> {
  const compact = parseCompact(object)
  if (compact && !mayHaveType(compact, 'oauth-authz-req+jwt')) {
    throw new OAuthError('invalid_request_object', 'The request object is a JWT of another kind.')
  }
  const registeredAlg = client.requestObjectSigningAlg
  const allowed = profileOf(client).requestObjectAlgorithms.filter(
    (alg) => registeredAlg === null || alg === registeredAlg,
  )
  const unsigned =
    allowed.includes('none') && !client.requireSignedRequestObject ? clientKeys.readUnsigned(object) : undefined
  if (unsigned) return unsigned
  const algorithms = allowed.filter((alg) => alg !== 'none')
  const signed = algorithms.length > 0 ? await clientKeys.verify(object, client, algorithms) : undefined
  if (signed) return signed
  const requirement = registeredAlg === null ? 'by a key of this client' : `as registered: ${registeredAlg}`
  throw new OAuthError(
    'invalid_request_object',
    `The request object is expired, or no JWT that is signed ${requirement}.`,
  )
}

function validateClaims(
  claims: Readonly<Record<string, unknown>>,
  parameters: Parameters,
  client: RegisteredClient,
  issuer: string,
): void {
  const invalidRequestObject = (what: string) => new OAuthError('invalid_request_object', `The request object ${what}.`)
  if (!isValidUnicode(JSON.stringify(claims).replaceAll('\\u0000', '\0')))
    throw invalidRequestObject('holds text that is no text')
  if (claims['request'] !== undefined || claims['request_uri'] !== undefined)
    throw invalidRequestObject('holds another one')
  const { iss, sub, aud, client_id: clientId, response_type: responseType } = claims
  if (iss !== undefined && iss !== client.clientId) throw invalidRequestObject('has an iss that is not the client')
  // What names the client as its subject is made to prove it, and must not go through browsers (RFC 9101 §10.8).
  if (sub === client.clientId)
    throw invalidRequestObject('has the client as its sub: that is for client assertions alone')
  if (clientId !== undefined && clientId !== client.clientId)
    throw invalidRequestObject('has a client_id that is not the client')
  if (aud !== undefined && ![aud].flat().includes(issuer))
    throw invalidRequestObject('has an aud that is not this server')
  const outerResponseType = parameters.get('response_type')
  if (responseType === undefined || outerResponseType === undefined) return
  if (typeof responseType !== 'string' || parseResponseType(responseType) !== parseResponseType(outerResponseType)) {
    throw invalidRequestObject('has another response_type than the request')
  }
}

/** Claims as parameters: text and numbers as they are, `claims` as the JSON that it is. What is of the JWT stays out. */
function claimsToParameters(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries: [string, string][] = []
  for (const [name, value] of Object.entries(claims)) {
    if (['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'sub'].includes(name)) continue
    if (typeof value === 'string' && value !== '') entries.push([name, value])
    else if (typeof value === 'number') entries.push([name, String(value)])
    else if (name === 'claims' && typeof value === 'object' && value !== null)
      entries.push([name, JSON.stringify(value)])
  }
  return Object.fromEntries(entries)
}
