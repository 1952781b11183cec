// `clients/registration` owns clients that register themselves (RFC 7591, RFC 7592), one file per operation.
// It also owns software statements, signed registration requests and client ID metadata documents (CIMD).
// The registration policy, initial access tokens and statement issuers are administered in `clients/management`.

import { createAuditEvent } from '../../audit/catalogue.ts'
import { epochSeconds } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { randomToken } from '../../lib/crypto/random.ts'
import type { AuditChange, AuditEvent, RequestMetadata } from '../../model/audit/audit-event.ts'
import type { ClientRegistration, ClientRegistrationRepository } from '../../model/clients/client-registration.ts'
import type { ClientRepository } from '../../model/clients/client-repository.ts'
import type { Client, ClientSettings } from '../../model/clients/client.ts'
import type { ClientCache } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { ClientSecrets } from '../authentication/client-secret.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { sectorProblem } from '../subject-identifier.ts'
import { writeMetadata } from './client-metadata.ts'
import type { SignedRequestOptions } from './signed-request.ts'
import type { SoftwareStatement, SoftwareStatementOptions } from './software-statement.ts'

/** What the operations of the registration endpoint work with. All of them throw `OAuthError`. */
export interface RegistrationServices extends SoftwareStatementOptions, SignedRequestOptions {
  clientRegistrations: ClientRegistrationRepository
  clients: Pick<ClientRepository, 'delete' | 'listSecrets'>
  clientCache: Pick<ClientCache, 'find'>
  secrets: ClientSecrets
  /** How many clients may register without a token in an organisation, until they are used or expire. */
  maxOpenRegistrations: number
  /** Creates the keys of algorithms with which nothing was signed so far. */
  createKeys: (algorithms: readonly string[]) => Promise<void>
  fetchText: (url: string) => Promise<string>
}

/** The URL of the registration endpoint. */
export function registrationEndpoint({ issuer }: { issuer: string }): string {
  return `${issuer}/oauth2/register`
}

/** A new registration access token. */
export function newRegistrationToken(): string {
  return `reg_${randomToken()}`
}

/** The registration of a token, and the next token. The error does not say whether client or token is wrong (RFC 7592 §2). */
export async function verifyRegistrationToken(
  { clientRegistrations }: RegistrationServices,
  clientId: string,
  token: string | undefined,
): Promise<ClientRegistration & { next: string }> {
  const next = newRegistrationToken()
  const found = token && (await clientRegistrations.rotateRegistrationToken(clientId, sha256(token), sha256(next)))
  if (!found) throw invalidToken('The registration access token is not valid for this client.')
  return { ...found, next }
}

/** The client information response (RFC 7591 §3.2.1). */
export async function clientInformation(
  services: RegistrationServices,
  client: Client,
  metadata: Readonly<Record<string, unknown>>,
  token: string,
): Promise<Record<string, unknown>> {
  return {
    client_id: client.clientId,
    client_id_issued_at: epochSeconds(client.createdAt),
    ...(usesSecret(client) && { client_secret_expires_at: await secretExpiry(services, client) }),
    registration_access_token: token,
    registration_client_uri: `${registrationEndpoint(services)}/${client.clientId}`,
    ...writeMetadata(client, metadata),
  }
}

/** When the last of the current secrets, or the client itself, expires (RFC 7591 §3.2.1); 0: never. */
async function secretExpiry({ clients, clock }: RegistrationServices, client: Client): Promise<number> {
  const activeSecrets = await clients.listSecrets(client, clock.now())
  if (activeSecrets.length === 0) return epochSeconds(clock.now())
  const last = Math.max(...activeSecrets.map(({ expiresAt }) => expiresAt?.getTime() ?? Infinity))
  const end = Math.min(last, client.expiresAt?.getTime() ?? Infinity)
  return end === Infinity ? 0 : epochSeconds(new Date(end))
}

/** The audit event of what a client does to its own registration. */
export function registrationEvent(
  { clock }: RegistrationServices,
  type: 'client.registered' | 'client.updated' | 'client.deleted',
  client: Pick<Client, 'id' | 'organisationId' | 'clientId'>,
  requestMetadata: RequestMetadata,
  { statement, changes }: { statement?: SoftwareStatement | undefined; changes?: AuditChange[] } = {},
): AuditEvent {
  return createAuditEvent(clock, type, {
    organisationId: client.organisationId,
    requestMetadata,
    clientId: client.id,
    resource: { type: 'client', id: client.id },
    metadata: {
      clientId: client.clientId,
      by: 'registration',
      ...(statement && { statementIssuer: statement.issuer }),
    },
    changes,
  })
}

export async function assertValidSector({ fetchText }: RegistrationServices, settings: ClientSettings): Promise<void> {
  const problem = await sectorProblem(settings, fetchText)
  if (problem !== undefined) throw new OAuthError('invalid_client_metadata', `sector_identifier_uri ${problem}.`)
}

/** RFC 6750 §3.1. */
export function malformedAuthorization(): OAuthError {
  const description = 'The Authorization header must be Bearer and an initial access token, or be left out.'
  const challenge = `Bearer realm="cerberus", error="invalid_request", error_description="${description}"`
  return new OAuthError('invalid_request', description, { status: 400, challenge })
}

/** RFC 6750 §3.1. */
export function invalidToken(description: string): OAuthError {
  const challenge = `Bearer realm="cerberus", error="invalid_token", error_description="${description}"`
  return new OAuthError('invalid_token', description, { status: 401, challenge })
}
