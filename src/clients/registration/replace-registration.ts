import { fieldChanges } from '../../audit/field-changes.ts'
import { equalInConstantTime, sha256 } from '../../lib/crypto/hash.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { usesClientSecretJwt, type AuthenticationMethods } from '../../model/clients/authentication-methods.ts'
import type { Client, ClientSettings } from '../../model/clients/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { signingAlgorithmsOf } from '../settings/signing-algorithms.ts'
import { applyDefaults } from '../settings/schema.ts'
import { validateSettings } from '../settings/validation.ts'
import { metadataError, pickClientManagedSettings, readMetadata } from './client-metadata.ts'
import {
  assertValidSector,
  clientInformation,
  invalidToken,
  registrationEndpoint,
  registrationEvent,
  verifyRegistrationToken,
  type RegistrationServices,
} from './registration.ts'
import { verifySignedRequest, type MetadataRequest } from './signed-request.ts'
import { assertSameSoftware, readSoftwareStatement, rejectClientCredentialsGrant } from './software-statement.ts'

/** RFC 7592 §2.2: members that are left out are reset to their defaults. Scopes can be removed, not added. */
export async function replaceRegistration(
  services: RegistrationServices,
  clientId: string,
  token: string | undefined,
  sent: MetadataRequest,
  origin: RequestMetadata,
): Promise<Record<string, unknown>> {
  const { body } = sent
  const { client, metadata: registered, next } = await verifyRegistrationToken(services, clientId, token)
  await assertServerManagedMetadata(services, body, client)
  const statement = await readSoftwareStatement(body, client.organisationId, services)
  assertSameSoftware(registered['software_statement'], statement)
  const { organisationId, profile } = client
  const endpoint = registrationEndpoint(services)
  const audiences = [services.issuer, endpoint, `${endpoint}/${clientId}`]
  await verifySignedRequest(sent, statement, { organisationId, profile, audiences, clientId }, services)
  const { given, metadata } = readMetadata(body, client, statement)
  if (!client.grantTypes.includes('client_credentials')) rejectClientCredentialsGrant(given, statement)
  const changes = clientManagedChanges(applyDefaults(given), client)
  const wanted = { ...client, ...changes }
  if (given.clientType !== client.clientType || secretUse(wanted) !== secretUse(client)) {
    throw new OAuthError(
      'invalid_client_metadata',
      'token_endpoint_auth_method cannot change to one that needs a different kind of secret, or no secret: register another client.',
    )
  }
  const issues = validateSettings(wanted)
  if (issues.length > 0) throw metadataError(issues)
  await assertValidSector(services, wanted)
  const event = registrationEvent(services, 'client.updated', client, origin, {
    statement,
    changes: fieldChanges(client, changes),
  })
  await services.createKeys(signingAlgorithmsOf(changes))
  const replaced = await services.clientRegistrations.replace(client, changes, metadata, event)
  if (!replaced) throw invalidToken('The registration access token is not valid for this client.')
  return clientInformation(services, replaced, metadata, next)
}

/** RFC 7592 §2.2: the body must have the client_id, may have the current secret, and no other server-managed member. */
async function assertServerManagedMetadata(
  { clientCache }: RegistrationServices,
  body: unknown,
  client: Client,
): Promise<void> {
  const members = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const invalidMetadata = (description: string) => new OAuthError('invalid_client_metadata', description)
  if (members['client_id'] !== client.clientId)
    throw invalidMetadata('client_id is required and must be that of the client.')
  for (const name of ['registration_access_token', 'registration_client_uri', 'client_id_issued_at']) {
    if (members[name] !== undefined) throw invalidMetadata(`${name} must be left out: the server sets it.`)
  }
  const secret = members['client_secret']
  if (secret === undefined) return
  const known = (await clientCache.find(client.clientId))?.secrets ?? []
  const hash = typeof secret === 'string' ? sha256(secret) : Buffer.alloc(0)
  if (!known.some(({ secretHash }) => equalInConstantTime(hash, secretHash))) {
    throw invalidMetadata('client_secret must be a current secret of the client, or be left out.')
  }
}

/** The client-managed settings. Removes the new method from the additional ones that administrators have set. */
function clientManagedChanges(wanted: ClientSettings, client: Client): Partial<ClientSettings> {
  const before = client.additionalTokenEndpointAuthMethods
  const additionalTokenEndpointAuthMethods = before.filter((method) => method !== wanted.tokenEndpointAuthMethod)
  const same = additionalTokenEndpointAuthMethods.length === before.length
  return { ...pickClientManagedSettings(wanted), ...(!same && { additionalTokenEndpointAuthMethods }) }
}

/** The kind of secret that a client needs: `compared`, `signs`, or `none`. */
function secretUse(client: AuthenticationMethods): string {
  if (!usesSecret(client)) return 'none'
  return usesClientSecretJwt(client) ? 'signs' : 'compared'
}
