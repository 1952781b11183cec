import { toIdentifiers, type ResourceOptions } from '../../clients/resources/named-resources.ts'
import { resolveRequestedAccess } from '../../clients/resources/requested-access.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { DeviceAuthorizationRepository } from '../../model/authorization/device-authorization.ts'
import type { ActiveSession } from '../../model/sessions/session.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { authenticationOf } from '../decide.ts'
import type { DeviceAuthorizationRequest } from '../request/authorization-request.ts'
import type { ResponseChannel } from './response-channel.ts'
import { requireActiveClient } from './response-target.ts'

export interface DeviceOptions extends Pick<ResourceOptions, 'issuer'> {
  clock: Clock
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'bindToSession' | 'approve' | 'deny'>
}

/** The channel to a device. The device polls for the result itself; the browser only shows the outcome. */
export interface DeviceChannel extends ResponseChannel {
  kind: 'device'
  deviceAuthorizationId: string
}

/** Throws `unknown_client` if the client is not active. */
export function openDeviceChannel(
  client: RegisteredClient,
  deviceAuthorizationId: string,
  { clock }: Pick<DeviceOptions, 'clock'>,
): DeviceChannel {
  requireActiveClient(client, clock.now())
  return {
    kind: 'device',
    deviceAuthorizationId,
    client,
    respond: async () => ({ kind: 'device', outcome: 'approved', client }),
    reject: async ({ code }) => ({ kind: 'device', outcome: code === 'access_denied' ? 'denied' : 'unusable', client }),
  }
}

/**
 * The authorization request of a device. It always asks for consent, because another person may have sent the user the
 * code (RFC 8628 §5.4).
 */
export async function buildDeviceAuthorizationRequest(
  parameters: Parameters,
  { client, deviceAuthorizationId }: DeviceChannel,
  options: ResourceOptions,
): Promise<DeviceAuthorizationRequest> {
  if (!client.grantTypes.includes(deviceCodeGrantType)) {
    throw new OAuthError(
      'unauthorized_client',
      `This client is not registered for the grant type '${deviceCodeGrantType}'.`,
    )
  }
  return {
    channel: 'device',
    deviceAuthorizationId,
    client,
    ...(await resolveRequestedAccess(parameters, client, options)),
    claims: undefined,
    prompt: client.alwaysSignIn ? new Set(['consent', 'login']) : new Set(['consent']),
    maxAge: client.defaultMaxAge ?? undefined,
    acr: undefined,
    loginHint: undefined,
    uiLocales: undefined,
    hintedSubject: undefined,
  }
}

const NO_LONGER_PENDING = 'The code was used in another browser or has expired. Start again on the device.'

/** Lets only this session decide about the device. Throws `invalid_request` if another session may, or after expiry. */
export async function bindDeviceToSession(
  { deviceAuthorizationId: id, client: { organisationId } }: DeviceAuthorizationRequest,
  session: ActiveSession,
  { clock, deviceAuthorizations }: DeviceOptions,
): Promise<void> {
  const isBound = await deviceAuthorizations.bindToSession({ id, organisationId }, session.id, clock.now())
  if (!isBound) throw new OAuthError('invalid_request', NO_LONGER_PENDING)
}

/**
 * Stores the grant, which the device redeems with its device code. The grant does not depend on the session of the browser,
 * because the device is another machine. Throws `invalid_request` if the device can no longer be approved.
 */
export async function approveDevice(
  request: DeviceAuthorizationRequest,
  session: ActiveSession,
  pendingRequestId: string,
  { issuer, clock, deviceAuthorizations }: DeviceOptions,
): Promise<void> {
  const { deviceAuthorizationId: id, client, scopes, resources } = request
  const { organisationId } = client
  const now = clock.now()
  const grant = {
    id: uuidv7(now),
    organisationId,
    clientId: client.id,
    userId: session.userId,
    sessionId: null,
    scopes,
    claims: null,
    resources: toIdentifiers(resources, issuer),
    authTime: session.authTime,
    ...authenticationOf(request, session, now),
    offline: scopes.includes('offline_access'),
    createdAt: now,
  }
  const approval = { grant, sessionId: session.id, pendingRequestId }
  if (await deviceAuthorizations.approve({ id, organisationId }, approval)) return
  throw new OAuthError('invalid_request', NO_LONGER_PENDING)
}
