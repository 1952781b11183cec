import { toIdentifiers, type ResourceOptions } from '../clients/resources/named-resources.ts'
import { resolveRequestedAccess } from '../clients/resources/requested-access.ts'
import { addSeconds, type Clock } from '../lib/time/clock.ts'
import { randomString, randomToken, uuidv7 } from '../lib/crypto/random.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { DeviceAuthorizationRepository } from '../model/authorization/device-authorization.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import { deviceCodeGrantType, formatUserCode, USER_CODE_LENGTH, USER_CODE_ALPHABET } from '../oauth/device-code.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { DeviceAuthorizationResponse } from '../oauth/messages/device-authorization-response.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { hashDeviceCode } from './device-code.ts'

export interface DeviceAuthorizationOptions extends ResourceOptions {
  clock: Clock
  hashUserCode: (code: string) => Uint8Array
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'create'>
}

const DEVICE_CODE_LIFETIME_SECONDS = 600
const POLL_INTERVAL_SECONDS = 5

/** Starts a device authorization (RFC 8628 §3.1). Throws `unauthorized_client`, `invalid_scope` and `invalid_target`. */
export async function authorizeDevice(
  form: Parameters,
  client: RegisteredClient,
  { ipAddress }: RequestMetadata,
  options: DeviceAuthorizationOptions,
): Promise<DeviceAuthorizationResponse> {
  const { issuer, clock, hashUserCode, deviceAuthorizations } = options
  if (!client.grantTypes.includes(deviceCodeGrantType)) {
    throw new OAuthError(
      'unauthorized_client',
      `This client is not registered for the grant type '${deviceCodeGrantType}'.`,
    )
  }
  const { scopes, resources } = await resolveRequestedAccess(form, client, options)
  const deviceCode = `device_${randomToken()}`
  const now = clock.now()
  for (;;) {
    const userCode = randomString(USER_CODE_ALPHABET, USER_CODE_LENGTH)
    const isStored = await deviceAuthorizations.create({
      id: uuidv7(now),
      organisationId: client.organisationId,
      clientId: client.id,
      deviceCodeHash: hashDeviceCode(deviceCode),
      userCodeHash: hashUserCode(userCode),
      scopes,
      resources: toIdentifiers(resources, issuer) ?? [],
      ipAddress,
      createdAt: now,
      expiresAt: addSeconds(now, DEVICE_CODE_LIFETIME_SECONDS),
      pollInterval: POLL_INTERVAL_SECONDS,
    })
    // The user code is taken: try another one.
    if (!isStored) continue
    const formattedUserCode = formatUserCode(userCode)
    return {
      device_code: deviceCode,
      user_code: formattedUserCode,
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${formattedUserCode}`,
      expires_in: DEVICE_CODE_LIFETIME_SECONDS,
      interval: POLL_INTERVAL_SECONDS,
    }
  }
}
