// `clients` owns who asks: how a client proves who it is, what may be registered about one, and the administration API
// that keeps them. What a client may then have is for `authorize` and `grants` to decide.

import type { FailureLimit } from '../http/limits.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { isUsable, type ClientDirectory, type RegisteredClient } from '../model/client.ts'
import { authenticationMethods } from './methods/index.ts'

export interface ClientAuthenticationOptions {
  clients: Pick<ClientDirectory, 'find'>
  now: () => Date
  /** Counts failures by address (RFC 6749 §2.3.1: brute force). */
  failures: FailureLimit
}

/** What a request says of its client, besides the form. */
export interface ClientRequest {
  authorization: string | undefined
  ipAddress: string
}

const CHALLENGE = 'Basic realm="cerberus", charset="UTF-8"'

/**
 * The client that a request comes from, proven by the method that it registered (RFC 6749 §2.3, §3.2.1). Throws
 * `invalid_client` with 401 for no method, two methods, an unknown client, a wrong secret, another method than the
 * registered one, and a client that is not active; `TooManyRequests` after too many of these from one address.
 */
export async function authenticateClient(
  request: ClientRequest,
  form: Parameters,
  options: ClientAuthenticationOptions,
): Promise<RegisteredClient> {
  options.failures.check(request.ipAddress)
  try {
    return await proveClient(request, form, options)
  } catch (error) {
    if (error instanceof OAuthError) await options.failures.count(request.ipAddress)
    throw error
  }
}

async function proveClient(
  request: ClientRequest,
  form: Parameters,
  { clients, now }: ClientAuthenticationOptions,
): Promise<RegisteredClient> {
  const presented = authenticationMethods.flatMap((method) => {
    const found = method.present(request.authorization, form)
    return found ? [{ method, found }] : []
  })
  const [only, second] = presented
  if (!only) throw refused('The request names no client: send client_id, or credentials by HTTP Basic.')
  if (second) {
    throw refused(
      `The request authenticates the client twice, by ${only.method.name} and ${second.method.name}. Use one.`,
    )
  }
  const { method, found } = only
  if (found.kind === 'malformed') throw refused(found.description)
  const client = await clients.find(found.clientId)
  const proven = method.verify(found, client, now())
  if (!client) throw refused(FAILED, `unknown client ${found.clientId}`)
  if (method.name !== client.tokenEndpointAuthMethod && (proven || method.name === 'none')) {
    throw refused(`This client is registered for ${client.tokenEndpointAuthMethod}, not for ${method.name}.`)
  }
  if (!proven) throw refused(FAILED, `wrong secret for ${client.clientId}`)
  if (!isUsable(client)) throw refused('This client is not active.', `${client.clientId} is not active`)
  return client
}

const FAILED = 'Client authentication failed: the client is unknown or its secret is wrong.'

function refused(description: string, reason?: string): OAuthError {
  return new OAuthError('invalid_client', description, {
    status: 401,
    challenge: CHALLENGE,
    ...(reason !== undefined && { reason }),
  })
}
