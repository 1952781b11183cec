// `clients/authentication` owns client authentication (RFC 6749 §2.3): exactly one method, and a registered one.
// `methods/` holds one file per method.
// What an authenticated client may request is decided by `grants` and `authorize`.

import type { FailureRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import type { NetworkAddress } from '../../lib/network-address.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { allowsAuthMethod, allowedAuthMethods } from '../../model/clients/authentication-methods.ts'
import { isClientActive, type ClientCache, type RegisteredClient } from '../../model/clients/client-cache.ts'
import type { ResolveCimdClient } from '../registration/resolve-cimd-client.ts'
import { authenticationMethods, connectionMethods } from './methods/index.ts'
import type { LastUsedTracker } from './last-used.ts'
import { none } from './methods/none.ts'
import { profileOf } from '../settings/profiles.ts'
import {
  invalidClient,
  type AuthenticationMethod,
  type ClientCredentials,
  type VerificationContext,
  type VerificationResult,
} from './methods/method.ts'

export interface ClientAuthenticationOptions extends Omit<VerificationContext, 'now' | 'certificates'> {
  clients: Pick<ClientCache, 'find'>
  /** Reads the metadata document of a client whose client_id is its URL. */
  resolveCimdClient: ResolveCimdClient
  now: () => Date
  lastUsed: Pick<LastUsedTracker, 'record'>
  /** Counts failures by IP address (RFC 6749 §2.3.1: brute force). */
  failures: FailureRateLimiter
}

/** What a request presents besides the form. */
export interface ClientRequest {
  authorization: string | undefined
  address: NetworkAddress
  /** The certificates that the client presented, its own first, in PEM or DER. Read only when needed. */
  certificates: () => readonly Buffer[]
}

/**
 * Returns the client of a request, authenticated by one of its registered methods (RFC 6749 §2.3, §3.2.1). Throws
 * `invalid_client` with 401 for no method, two methods, an unknown client, a wrong secret, a method that is not
 * registered, and a client that is not active. Throws `TooManyRequests` after too many failures from one IP address.
 */
export async function authenticateClient(
  request: ClientRequest,
  form: Parameters,
  options: ClientAuthenticationOptions,
): Promise<RegisteredClient> {
  options.failures.check(request.address.network)
  try {
    return await verifyClient(request, form, options)
  } catch (error) {
    if (error instanceof OAuthError) await options.failures.penalty(request.address.network)
    throw error
  }
}

async function verifyClient(
  request: ClientRequest,
  form: Parameters,
  {
    clients,
    resolveCimdClient,
    now,
    lastUsed,
    issuer,
    audiences,
    clientKeys,
    secrets,
    clientAuthorities,
    replayCache,
  }: ClientAuthenticationOptions,
): Promise<RegisteredClient> {
  const { method: presentedMethod, found: credentials } = readCredentials(request, form)
  if (credentials.kind === 'malformed') throw invalidClient(credentials.description)
  const cimdRejection = await resolveCimdClient(credentials.clientId, request.address, 'known')
  if (cimdRejection) throw invalidClient(cimdRejection.description, cimdRejection.reason)
  const client = await clients.find(credentials.clientId)
  const { certificates } = request
  const context = {
    now: now(),
    issuer,
    audiences,
    clientKeys,
    secrets,
    certificates,
    clientAuthorities,
    replayCache,
  }
  // A client that sends only its client_id may authenticate by the certificate of the connection.
  const connectionCandidates =
    presentedMethod === none && client ? connectionMethods.filter(({ name }) => allowsAuthMethod(client, name)) : []
  let method = presentedMethod
  let result: VerificationResult = false
  for (method of connectionCandidates.length > 0 ? connectionCandidates : [presentedMethod]) {
    result = await method.verify(credentials, client, context)
    if (result) break
  }
  if (!client) throw invalidClient(AUTHENTICATION_FAILED, `unknown client ${credentials.clientId}`)
  if (!allowsAuthMethod(client, method.name) && (result || method.name === 'none')) {
    throw invalidClient(
      `This client is registered for ${allowedAuthMethods(client).join(' and ')}, not for ${method.name}.`,
    )
  }
  if (result && !profileOf(client).authenticationMethods.includes(method.name)) {
    throw invalidClient(`The profile of this client does not allow ${method.name}.`)
  }
  if (!result) throw invalidClient(AUTHENTICATION_FAILED, `wrong ${method.name} for ${client.clientId}`)
  if (!isClientActive(client, now()))
    throw invalidClient('This client is not active.', `${client.clientId} is not active`)
  lastUsed.record(client, typeof result === 'object' ? result.secretId : undefined)
  return client
}

/** The method by which the request authenticates its client, with the credentials. */
function readCredentials({ authorization }: ClientRequest, form: Parameters) {
  let only: { method: AuthenticationMethod; found: ClientCredentials } | undefined
  for (const method of authenticationMethods) {
    const found = method.readCredentials(authorization, form)
    if (!found) continue
    if (only) {
      throw invalidClient(
        `The request authenticates the client twice, by ${only.method.name} and ${method.name}. Use one method.`,
      )
    }
    only = { method, found }
  }
  if (!only)
    throw invalidClient('The request has no client_id: send it in the form, or send credentials by HTTP Basic.')
  return only
}

const AUTHENTICATION_FAILED = 'Client authentication failed: unknown client, or wrong credentials.'
