import type { PendingRequest } from '../pending-request.ts'
import { requestedScopes } from '../../clients/requested-scopes.ts'
import type { Clock } from '../../lib/clock.ts'
import { uuidv7 } from '../../lib/random.ts'
import type { RegisteredClient } from '../../model/clients/client.ts'
import type { DeviceAuthorizationRepository } from '../../model/authorization/device-authorization.ts'
import type { ActiveSession } from '../../model/sessions/session.ts'
import { deviceCodeGrantType } from '../../oauth/device-code.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import type { AuthorizationRequest } from '../request/authorization-request.ts'
import { findClient, type ResponseChannel, type ResponseTargetOptions } from './response-channel.ts'

export interface DeviceOptions {
  clock: Clock
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'bindToSession' | 'approve' | 'deny'>
}

/** A device hears of the answer by itself; the person is told on a page. Throws `unknown_client`. */
export async function openDeviceChannel(
  parameters: Parameters,
  options: ResponseTargetOptions,
): Promise<ResponseChannel> {
  const client = await findClient(parameters, options)
  return {
    client,
    redirectUri: '',
    respond: async () => ({ kind: 'device', outcome: 'approved', client }),
    reject: async ({ code }) => ({ kind: 'device', outcome: code === 'access_denied' ? 'denied' : 'unusable', client }),
  }
}

/**
 * What a device asks for, in the words of an authorization request. The person is asked each time: somebody else may have
 * sent them the code (RFC 8628 §5.4).
 */
export function buildDeviceAuthorizationRequest(
  parameters: Parameters,
  client: RegisteredClient,
  deviceAuthorizationId: string,
): AuthorizationRequest {
  if (!client.grantTypes.includes(deviceCodeGrantType)) {
    throw new OAuthError(
      'unauthorized_client',
      `This client is not registered for the grant type '${deviceCodeGrantType}'.`,
    )
  }
  const scopes = requestedScopes(parameters, client)
  return {
    client,
    redirectUri: '',
    responseType: 'code',
    scopes,
    claims: undefined,
    consentScopes: scopes,
    nonce: undefined,
    codeChallenge: undefined,
    dpopJkt: undefined,
    prompt: client.alwaysSignIn ? new Set(['consent', 'login']) : new Set(['consent']),
    maxAge: client.defaultMaxAge ?? undefined,
    loginHint: undefined,
    uiLocales: undefined,
    hintedSubject: undefined,
    deviceAuthorizationId,
  }
}

const NO_LONGER_PENDING = 'The code was used in another browser, or has expired. Start again at the device.'

/** Nobody else is asked any more. Throws `invalid_request` where somebody else was, or where it is too late. */
export async function claimDevice(
  { deviceAuthorizationId: id, client: { organisationId } }: AuthorizationRequest,
  session: ActiveSession,
  { clock, deviceAuthorizations }: DeviceOptions,
): Promise<void> {
  if (id === undefined) return
  const claimed = await deviceAuthorizations.bindToSession({ id, organisationId }, session.id, clock.now())
  if (!claimed) throw new OAuthError('invalid_request', NO_LONGER_PENDING)
}

/**
 * Writes down what was allowed, to be fetched with the device code. It does not hang from the session: that is of this
 * browser, and the device is another. Throws `invalid_request` where it is too late.
 */
export async function approveDevice(
  { deviceAuthorizationId: id = '', client, scopes }: AuthorizationRequest,
  session: ActiveSession,
  pendingRequest: PendingRequest | undefined,
  { clock, deviceAuthorizations }: DeviceOptions,
): Promise<Record<string, string>> {
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
    authTime: session.authTime,
    amr: session.amr,
    offline: scopes.includes('offline_access'),
    createdAt: now,
  }
  const approval = { grant, sessionId: session.id, pendingRequestId: pendingRequest?.id ?? '' }
  if (await deviceAuthorizations.approve({ id, organisationId }, approval)) return {}
  throw new OAuthError('invalid_request', NO_LONGER_PENDING)
}
