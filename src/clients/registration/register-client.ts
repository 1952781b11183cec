import { addSeconds } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { usesClientSecretJwt } from '../../model/clients/authentication-methods.ts'
import { noTokenLifetimes } from '../../model/organisations/organisation-settings.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { standardScopes } from '../../oauth/scope.ts'
import { usesSecret } from '../authentication/methods/index.ts'
import { generateClientId } from '../client-id.ts'
import { withInheritedLifetimes } from '../settings/lifetimes.ts'
import { signingAlgorithmsOf } from '../settings/signing-algorithms.ts'
import { applyDefaults } from '../settings/schema.ts'
import { readMetadata } from './client-metadata.ts'
import {
  assertValidSector,
  clientInformation,
  invalidToken,
  newRegistrationToken,
  registrationEndpoint,
  registrationEvent,
  type RegistrationServices,
} from './registration.ts'
import { verifySignedRequest, type MetadataRequest } from './signed-request.ts'
import { missingStatement, readSoftwareStatement, rejectClientCredentialsGrant } from './software-statement.ts'

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

/** RFC 7591 §3. The secret and the registration access token are in this response only. */
export async function registerClient(
  services: RegistrationServices,
  sent: MetadataRequest,
  caller: RegistrationCaller,
): Promise<Record<string, unknown>> {
  const { issuer, clock, clientRegistrations, secrets } = services
  const { body } = sent
  const now = clock.now()
  const { organisationId, profile, softwareStatementRequired, ceiling, initial, expiresAt } =
    await authorizeRegistration(services, caller, now)
  const statement = await readSoftwareStatement(body, organisationId, services)
  if (!statement && softwareStatementRequired) throw missingStatement()
  const audiences = [issuer, registrationEndpoint(services)]
  await verifySignedRequest(sent, statement, { organisationId, profile, audiences, clientId: undefined }, services)
  const scopes = !initial && statement ? statement.scopes : ceiling
  const { given, metadata } = readMetadata(body, { scopes: [...scopes], profile }, statement)
  if (!initial) rejectClientCredentialsGrant(given, statement)
  const settings = applyDefaults(given)
  await assertValidSector(services, settings)
  const id = uuidv7(now)
  const token = newRegistrationToken()
  // Lifetimes are not metadata of RFC 7591: they are those of the organisation.
  const stored = withInheritedLifetimes(settings, settings.profile, noTokenLifetimes)
  const client = { ...stored, id, clientId: generateClientId(), organisationId, createdAt: now, updatedAt: now }
  const secret = usesSecret(client) ? secrets.generate(usesClientSecretJwt(client), now) : undefined
  const limit = initial ? undefined : services.maxOpenRegistrations
  await services.createKeys(signingAlgorithmsOf(settings))
  const registered = await clientRegistrations.register(
    {
      client,
      secret: secret?.stored,
      tokenHash: sha256(token),
      metadata,
      anonymous: !initial && !statement,
      expiresAt,
      limit,
    },
    initial && { id: initial.id, organisationId },
    registrationEvent(services, 'client.registered', client, caller.origin, { statement }),
  )
  if (!registered) throw invalidToken('The initial access token has no uses left.')
  if (registered === 'full') {
    throw new OAuthError(
      'access_denied',
      'The organisation has reached its limit of clients that registered themselves and are not used yet. Ask an administrator for an initial access token.',
      { status: 403 },
    )
  }
  return {
    ...(await clientInformation(services, registered, metadata, token)),
    ...(secret && { client_secret: secret.shown }),
  }
}

/** The organisation of a new client with its rules, the scopes it may have at most, and when it is deleted if unused. */
async function authorizeRegistration(
  { clientRegistrations }: RegistrationServices,
  { token, organisation }: RegistrationCaller,
  now: Date,
) {
  const initial = token === undefined ? undefined : await clientRegistrations.findInitialAccessToken(sha256(token), now)
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
