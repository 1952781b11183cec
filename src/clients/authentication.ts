// `clients` owns who asks: how a client proves who it is, what may be registered about one, and the administration API
// that keeps them. What a client may then have is for `authorize` and `grants` to decide.

import type { FailureLimit } from '../http/limits.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { authenticatesBy, isUsable, methodsOf, type ClientDirectory, type RegisteredClient } from '../model/client.ts'
import type { AdmitClient } from './document-clients.ts'
import { authenticationMethods, connectionMethods } from './methods/index.ts'
import type { ClientUses } from './last-use.ts'
import { none } from './methods/none.ts'
import { profileOf } from './profiles.ts'
import { refuseClient, type AuthenticationMethod, type Presented, type Proof, type Verdict } from './methods/method.ts'

export interface ClientAuthenticationOptions extends Omit<Proof, 'now' | 'certificate'> {
  clients: Pick<ClientDirectory, 'find'>
  /** Brings a client whose client_id is the address of its metadata. */
  admit: AdmitClient
  now: () => Date
  uses: Pick<ClientUses, 'note'>
  /** Counts failures by address (RFC 6749 §2.3.1: brute force). */
  failures: FailureLimit
}

/** What a request says of its client, besides the form. */
export interface ClientRequest {
  authorization: string | undefined
  ipAddress: string
  /** The certificate that its connection showed, if any, in PEM or DER; read when it is needed. */
  certificate: () => Buffer | undefined
}

/**
 * The client that a request comes from, proven by a method that it registered (RFC 6749 §2.3, §3.2.1). Throws
 * `invalid_client` with 401 for no method, two methods, an unknown client, a wrong secret, another method than the
 * registered ones, and a client that is not active; `TooManyRequests` after too many of these from one address.
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
  {
    clients,
    admit,
    now,
    uses,
    issuer,
    audiences,
    clientKeys,
    secrets,
    clientAuthorities,
    assertions,
  }: ClientAuthenticationOptions,
): Promise<RegisteredClient> {
  const { method: offered, found } = presentedProof(request, form)
  if (found.kind === 'malformed') throw refuseClient(found.description)
  const refused = await admit(found.clientId, request.ipAddress, 'known')
  if (refused) throw refuseClient(refused.description, refused.reason)
  const client = await clients.find(found.clientId)
  const { certificate } = request
  const against = { now: now(), issuer, audiences, clientKeys, secrets, certificate, clientAuthorities, assertions }
  // Who only says its name may prove it by its connection, in one way or another.
  const connected =
    offered === none && client ? connectionMethods.filter(({ name }) => authenticatesBy(client, name)) : []
  let method = offered
  let proven: Verdict = false
  for (method of connected.length > 0 ? connected : [offered]) {
    proven = await method.verify(found, client, against)
    if (proven) break
  }
  if (!client) throw refuseClient(FAILED, `unknown client ${found.clientId}`)
  if (!authenticatesBy(client, method.name) && (proven || method.name === 'none')) {
    throw refuseClient(`This client is registered for ${methodsOf(client).join(' and ')}, not for ${method.name}.`)
  }
  if (proven && !profileOf(client).authenticationMethods.includes(method.name)) {
    throw refuseClient(`The profile of this client does not allow ${method.name}.`)
  }
  if (!proven) throw refuseClient(FAILED, `wrong ${method.name} for ${client.clientId}`)
  if (!isUsable(client, now())) throw refuseClient('This client is not active.', `${client.clientId} is not active`)
  uses.note(client, typeof proven === 'object' ? proven.secretId : undefined)
  return client
}

/** The one method by which the request names its client, and what it offers by it. */
function presentedProof({ authorization }: ClientRequest, form: Parameters) {
  let only: { method: AuthenticationMethod; found: Presented } | undefined
  for (const method of authenticationMethods) {
    const found = method.present(authorization, form)
    if (!found) continue
    if (only) {
      throw refuseClient(
        `The request authenticates the client twice, by ${only.method.name} and ${method.name}. Use one.`,
      )
    }
    only = { method, found }
  }
  if (!only) throw refuseClient('The request names no client: send client_id, or credentials by HTTP Basic.')
  return only
}

const FAILED = 'Client authentication failed: the client is unknown or its proof is wrong.'
