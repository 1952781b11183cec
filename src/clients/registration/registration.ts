// `clients/registration` owns clients that register themselves (RFC 7591, RFC 7592).
// It also owns software statements, signed registration requests and client ID metadata documents (CIMD).
// Whether an organisation allows registration is set by its registration policy.

import { createAuditEvent } from '../../audit/catalogue.ts'
import { addSeconds, epochSeconds } from '../../lib/clock.ts'
import { randomToken, uuidv7 } from '../../lib/random.ts'
import { equalInConstantTime, sha256 } from '../../lib/hash.ts'
import {
  usesClientSecretJwt,
  type AuthenticationMethods,
  type Client,
  type ClientCache,
  type ClientSettings,
} from '../../model/clients/client.ts'
import type { ClientRepository } from '../../model/clients/client-repository.ts'
import type { ClientRegistrationRepository } from '../../model/clients/client-registration.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { standardScopes } from '../../oauth/scope.ts'
import { generateClientId } from '../client-id.ts'
import type { ClientSecrets } from '../authentication/client-secret.ts'
import { validateSettings } from '../settings/validation.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { applyDefaults, type NewClient } from '../settings/schema.ts'
import { sectorProblem } from '../subject-identifier.ts'
import { pickClientManagedSettings, readMetadata, metadataError, writeMetadata } from './client-metadata.ts'
import {
  assertSameSoftware,
  missingStatement,
  readSoftwareStatement,
  type SoftwareStatement,
  type SoftwareStatementOptions,
} from './software-statement.ts'
import { verifySignedRequest, type MetadataRequest, type SignedRequestOptions } from './signed-request.ts'

export interface RegistrationOptions extends SoftwareStatementOptions, SignedRequestOptions {
  clientRegistrations: ClientRegistrationRepository
  clients: Pick<ClientRepository, 'delete' | 'listSecrets'>
  clientCache: Pick<ClientCache, 'find'>
  secrets: ClientSecrets
  fetchText: (url: string) => Promise<string>
}

/** The caller of the registration endpoint. */
export interface RegistrationCaller {
  /** The initial access token, if any. */
  token: string | undefined
  /** The slug in `X-Org-Domain`, if any. */
  organisation: string | undefined
  origin: RequestMetadata
}

/** A client that was registered without a token is deleted after this time if it was never used. */
const UNUSED_CLIENT_LIFETIME_SECONDS = 30 * 86_400

/** Dynamic client registration (RFC 7591) and its management (RFC 7592). Throws `OAuthError`. */
export function createRegistration(options: RegistrationOptions) {
  const { issuer, clock, clientRegistrations, clients, clientCache, secrets } = options
  const endpoint = `${issuer}/oauth2/register`

  /** The organisation of a new client with its rules, the scopes it may have at most, and when it is deleted if unused. */
  async function authorizeRegistration({ token, organisation }: RegistrationCaller, now: Date) {
    const initial =
      token === undefined ? undefined : await clientRegistrations.findInitialAccessToken(sha256(token), now)
    if (token !== undefined && !initial)
      throw invalidToken('The initial access token is unknown, expired, or has no uses left.')
    if (initial) {
      const rules = await clientRegistrations.findSettings({ id: initial.organisationId })
      if (!rules) throw invalidToken('The organisation of the initial access token is not available.')
      return { ...rules, ceiling: initial.scopes, initial, expiresAt: undefined }
    }
    const found = await clientRegistrations.findSettings({ slug: organisation })
    if (found?.policy === 'token') throw invalidToken('Registration needs an initial access token as a bearer token.')
    if (found?.policy !== 'open') {
      throw new OAuthError(
        'access_denied',
        'Clients cannot register themselves in this organisation. Ask an administrator.',
        {
          status: 403,
        },
      )
    }
    const ceiling = Object.keys(standardScopes)
    return { ...found, ceiling, initial: undefined, expiresAt: addSeconds(now, UNUSED_CLIENT_LIFETIME_SECONDS) }
  }

  function eventOf(
    type: 'client.registered' | 'client.updated' | 'client.deleted',
    client: Pick<Client, 'id' | 'organisationId' | 'clientId'>,
    requestMetadata: RequestMetadata,
    statement?: SoftwareStatement,
  ) {
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
    })
  }

  /** The client of a registration access token, and the next token. The error does not say which is wrong (RFC 7592 §2). */
  async function verifyRegistrationToken(clientId: string, token: string | undefined) {
    const next = newRegistrationToken()
    const found = token && (await clientRegistrations.rotateRegistrationToken(clientId, sha256(token), sha256(next)))
    if (!found) throw invalidToken('The registration access token is not valid for this client.')
    return { ...found, next }
  }

  /** When the last of the current secrets, or the client itself, expires (RFC 7591 §3.2.1); 0: never. */
  async function secretExpiry(client: Client): Promise<number> {
    const activeSecrets = await clients.listSecrets(client, clock.now())
    if (activeSecrets.length === 0) return epochSeconds(clock.now())
    const last = Math.max(...activeSecrets.map(({ expiresAt }) => expiresAt?.getTime() ?? Infinity))
    const end = Math.min(last, client.expiresAt?.getTime() ?? Infinity)
    return end === Infinity ? 0 : epochSeconds(new Date(end))
  }

  const represent = async (client: Client, metadata: Readonly<Record<string, unknown>>, token: string) => ({
    client_id: client.clientId,
    client_id_issued_at: epochSeconds(client.createdAt),
    ...(usesSecret(client) && {
      client_secret_expires_at: await secretExpiry(client),
    }),
    registration_access_token: token,
    registration_client_uri: `${endpoint}/${client.clientId}`,
    ...writeMetadata(client, metadata),
  })

  return {
    /** RFC 7591 §3. The secret and the registration access token are in this response only. */
    async register(sent: MetadataRequest, caller: RegistrationCaller): Promise<Record<string, unknown>> {
      const { body } = sent
      const now = clock.now()
      const { organisationId, profile, softwareStatementRequired, ceiling, initial, expiresAt } =
        await authorizeRegistration(caller, now)
      const statement = await readSoftwareStatement(body, organisationId, options)
      if (!statement && softwareStatementRequired) throw missingStatement()
      const audiences = [issuer, endpoint]
      await verifySignedRequest(sent, statement, { organisationId, profile, audiences, clientId: undefined }, options)
      const scopes = !initial && statement ? statement.scopes : ceiling
      const { given, metadata } = readMetadata(body, { scopes: [...scopes], profile }, statement)
      if (!initial) rejectClientCredentialsGrant(given, statement)
      const settings = applyDefaults(given)
      await assertValidSector(settings)
      const id = uuidv7(now)
      const token = newRegistrationToken()
      const client = { ...settings, id, clientId: generateClientId(), organisationId, createdAt: now, updatedAt: now }
      const secret = usesSecret(client) ? secrets.generate(usesClientSecretJwt(client), now) : undefined
      const registered = await clientRegistrations.register(
        { client, secret: secret?.stored, tokenHash: sha256(token), metadata, expiresAt },
        initial && { id: initial.id, organisationId },
        eventOf('client.registered', client, caller.origin, statement),
      )
      if (!registered) throw invalidToken('The initial access token has no uses left.')
      return { ...(await represent(registered, metadata, token)), ...(secret && { client_secret: secret.shown }) }
    },

    /** RFC 7592 §2.1. */
    async read(clientId: string, token: string | undefined): Promise<Record<string, unknown>> {
      const { client, metadata, next } = await verifyRegistrationToken(clientId, token)
      return represent(client, metadata, next)
    },

    /** RFC 7592 §2.2: members that are left out are reset to their defaults. Scopes can be removed, not added. */
    async replace(
      clientId: string,
      token: string | undefined,
      sent: MetadataRequest,
      origin: RequestMetadata,
    ): Promise<Record<string, unknown>> {
      const { body } = sent
      const { client, metadata: registered, next } = await verifyRegistrationToken(clientId, token)
      await assertServerManagedMetadata(body, client)
      const statement = await readSoftwareStatement(body, client.organisationId, options)
      assertSameSoftware(registered['software_statement'], statement)
      const { organisationId, profile } = client
      const audiences = [issuer, endpoint, `${endpoint}/${clientId}`]
      await verifySignedRequest(sent, statement, { organisationId, profile, audiences, clientId }, options)
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
      await assertValidSector(wanted)
      const event = eventOf('client.updated', client, origin, statement)
      const replaced = await clientRegistrations.replace(client, changes, metadata, event)
      if (!replaced) throw invalidToken('The registration access token is not valid for this client.')
      return represent(replaced, metadata, next)
    },

    /** RFC 7592 §2.3: everything issued to the client becomes invalid. */
    async remove(clientId: string, token: string | undefined, origin: RequestMetadata): Promise<void> {
      const { client } = await verifyRegistrationToken(clientId, token)
      const event = eventOf('client.deleted', client, origin)
      await clients.delete(client, undefined, event.occurredAt, event)
    },
  }

  async function assertValidSector(settings: ClientSettings): Promise<void> {
    const problem = await sectorProblem(settings, options.fetchText)
    if (problem !== undefined) throw new OAuthError('invalid_client_metadata', `sector_identifier_uri ${problem}.`)
  }

  /** RFC 7592 §2.2: the body must have the client_id, may have the current secret, and no other server-managed member. */
  async function assertServerManagedMetadata(body: unknown, client: Client): Promise<void> {
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
}

/** A client that registers itself needs a software statement for client_credentials. Throws `invalid_client_metadata`. */
export function rejectClientCredentialsGrant(
  { grantTypes }: NewClient,
  statement: SoftwareStatement | undefined,
): void {
  if (statement?.claims['grant_types'] !== undefined || !grantTypes?.includes('client_credentials')) return
  throw new OAuthError(
    'invalid_client_metadata',
    'grant_types must not contain client_credentials without a software statement that allows it.',
  )
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

function newRegistrationToken(): string {
  return `reg_${randomToken()}`
}

function invalidToken(description: string): OAuthError {
  const challenge = `Bearer realm="cerberus", error="invalid_token", error_description="${description}"`
  return new OAuthError('invalid_token', description, { status: 401, challenge })
}
