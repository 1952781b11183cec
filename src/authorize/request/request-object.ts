import type { ClientKeys } from '../../keys/client-keys.ts'
import { type Clock, epochSeconds } from '../../lib/time/clock.ts'
import { optionalType, readForeignJwt } from '../../keys/foreign-jwt.ts'
import type { Signer } from '../../keys/signer.ts'
import { profileOf } from '../../clients/settings/profiles.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { rejectDuplicates, parametersFromRecord, parametersToRecord, type Parameters } from '../../oauth/parameters.ts'
import { parseResponseType } from '../../oauth/response-type.ts'

export interface RequestObjectOptions {
  issuer: string
  clock: Clock
  clientKeys: ClientKeys
  /** Decrypts a JWE that is encrypted to a key of this server. */
  decrypt: Signer['decrypt']
  /** Fetches the document at a URL that a client registered; throws if it cannot be fetched. */
  fetchText: (url: string) => Promise<string>
}

/** Whether a request has a request object, by value or by reference. */
export function hasRequestObject(parameters: Parameters): boolean {
  return parameters.get('request') !== undefined || parameters.get('request_uri') !== undefined
}

/**
 * Reads the parameters of a request from its request object, by value or by reference (OpenID Connect Core §6, RFC 9101
 * §4). Parameters in the object win over those beside it (§6.1, §6.3.3). The profile or a setting of the client may
 * ignore the latter entirely (RFC 9101 §6.3). Throws `invalid_request_object`, `invalid_request_uri` or
 * `invalid_request`.
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
    throw new OAuthError(
      'invalid_request',
      "This client must send a signed request object in the parameter 'request' or 'request_uri' (RFC 9101).",
    )
  }
  if (byValue !== undefined && byReference !== undefined) {
    throw new OAuthError(
      'invalid_request',
      "The parameters 'request' and 'request_uri' exclude each other: send only one of them.",
    )
  }
  const requestObject = byValue ?? (await fetchRequestObject(byReference ?? '', client, options))
  const claims = await readVerifiedClaims(await decryptRequestObject(requestObject, client, options), client, options)
  validateClaims(claims, parameters, client, options)
  const outerParameters = Object.entries(parametersToRecord(parameters)).filter(([name]) =>
    profileOf(client).mergesRequestObject && !client.requireSignedRequestObject
      ? name !== 'request' && name !== 'request_uri'
      : name === 'client_id',
  )
  return parametersFromRecord({ ...Object.fromEntries(outerParameters), ...claimsToParameters(claims) })
}

/** §6.2: only registered URLs are fetched. The fragment identifies a version and is not sent. */
async function fetchRequestObject(
  uri: string,
  client: RegisteredClient,
  { fetchText }: RequestObjectOptions,
): Promise<string> {
  const [documentUrl = ''] = uri.split('#')
  if (!client.requestUris.some((registered) => registered.split('#')[0] === documentUrl)) {
    throw new OAuthError('invalid_request_uri', "The 'request_uri' is not registered for this client.")
  }
  try {
    return (await fetchText(documentUrl)).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : undefined
    throw new OAuthError('invalid_request_uri', "The request object could not be fetched from the 'request_uri'.", {
      ...(reason !== undefined && { reason }),
    })
  }
}

/** §6.1: a signed request object may be encrypted to this server. */
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
    `The request object is not encrypted to a key of this server${algorithmNames === '' ? '' : ` with ${algorithmNames}`}.`,
  )
}

const requestObjectType = optionalType('oauth-authz-req+jwt')

async function readVerifiedClaims(
  object: string,
  client: RegisteredClient,
  { clientKeys }: RequestObjectOptions,
): Promise<Record<string, unknown>> {
  const jwt = readForeignJwt(object, requestObjectType)
  if ('flaw' in jwt) throw new OAuthError('invalid_request_object', `The request object ${jwt.flaw}.`)
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
  const requirement = registeredAlg === null ? 'a key of this client' : `the registered algorithm ${registeredAlg}`
  throw new OAuthError(
    'invalid_request_object',
    `The request object has expired, or is not a JWT signed with ${requirement}.`,
  )
}

/** How long a request object may be valid, and how old it may be, under profiles that limit it. */
const MAX_REQUEST_OBJECT_SECONDS = 3_600

function validateClaims(
  claims: Readonly<Record<string, unknown>>,
  parameters: Parameters,
  client: RegisteredClient,
  { issuer, clock }: Pick<RequestObjectOptions, 'issuer' | 'clock'>,
): void {
  const now = clock.now()
  const invalidRequestObject = (problem: string) =>
    new OAuthError('invalid_request_object', `The request object ${problem}.`)
  if (claims['request'] !== undefined || claims['request_uri'] !== undefined)
    throw invalidRequestObject("must not contain 'request' or 'request_uri'")
  const { iss, sub, aud, client_id: clientId, response_type: responseType } = claims
  if (iss !== undefined && iss !== client.clientId) throw invalidRequestObject('has an iss that is not the client_id')
  // A JWT whose subject is the client could be used as a client assertion, and request objects pass through browsers
  // (RFC 9101 §10.8).
  if (sub === client.clientId)
    throw invalidRequestObject('must not have the client_id as its sub: only client assertions have that')
  if (clientId !== undefined && clientId !== client.clientId)
    throw invalidRequestObject('has a client_id that differs from that of the request')
  if (aud !== undefined && ![aud].flat().includes(issuer))
    throw invalidRequestObject('has an aud that does not contain the issuer of this server')
  const { requiresRequestObjectDates, requestObjectParameters } = profileOf(client)
  if (requiresRequestObjectDates) {
    const { nbf, exp } = claims
    if (typeof nbf !== 'number' || nbf < epochSeconds(now) - MAX_REQUEST_OBJECT_SECONDS)
      throw invalidRequestObject('must have an nbf of the last 60 minutes')
    if (typeof exp !== 'number' || exp > nbf + MAX_REQUEST_OBJECT_SECONDS)
      throw invalidRequestObject('must have an exp at most 60 minutes after its nbf')
  }
  const absent = requestObjectParameters.find((name) => claims[name] === undefined)
  if (absent !== undefined) throw invalidRequestObject(`must contain '${absent}'`)
  const outerResponseType = parameters.get('response_type')
  if (responseType === undefined || outerResponseType === undefined) return
  if (typeof responseType !== 'string' || parseResponseType(responseType) !== parseResponseType(outerResponseType)) {
    throw invalidRequestObject('has a response_type that differs from that of the request')
  }
}

/** Converts claims to parameters: strings, numbers, the list `resource`, and `claims` as JSON. The registered claims of JWTs are left out. */
function claimsToParameters(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries: [string, string][] = []
  for (const [name, value] of Object.entries(claims)) {
    if (['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'sub'].includes(name)) continue
    if (typeof value === 'string' && value !== '') entries.push([name, value])
    else if (name === 'resource' && Array.isArray(value) && value.every((item) => typeof item === 'string'))
      entries.push([name, value.join(' ')])
    else if (typeof value === 'number') entries.push([name, String(value)])
    else if (name === 'claims' && typeof value === 'object' && value !== null)
      entries.push([name, JSON.stringify(value)])
  }
  return Object.fromEntries(entries)
}
