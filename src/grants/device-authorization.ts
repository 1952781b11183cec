import { requestedScopes } from '../clients/requested-scopes.ts'
import { addSeconds, type Clock } from '../lib/clock.ts'
import { randomLetters, randomToken, uuidv7 } from '../lib/random.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { DeviceAuthorizationRepository } from '../model/device-authorization.ts'
import type { EventOrigin } from '../model/security-event.ts'
import { deviceCodeGrantType, formatUserCode, userCodeLength, userCodeLetters } from '../oauth/device.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { hashDeviceCode } from './device-code.ts'

export interface DeviceAuthorizationOptions {
  issuer: string
  clock: Clock
  hashUserCode: (code: string) => Uint8Array
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'open'>
}

/** RFC 8628 §3.2. */
export interface DeviceAuthorizationResponse {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval: number
}

/** Seconds that a person has, and that a device waits between two polls. */
const LIFETIME = 600
const INTERVAL = 5

/** Begins to wait for a person (RFC 8628 §3.1). Throws `unauthorized_client` and `invalid_scope`. */
export async function authorizeDevice(
  form: Parameters,
  client: RegisteredClient,
  { ipAddress }: EventOrigin,
  { issuer, clock, hashUserCode, deviceAuthorizations }: DeviceAuthorizationOptions,
): Promise<DeviceAuthorizationResponse> {
  if (!client.grantTypes.includes(deviceCodeGrantType)) {
    throw new OAuthError(
      'unauthorized_client',
      `This client is not registered for the grant type '${deviceCodeGrantType}'.`,
    )
  }
  const scopes = requestedScopes(form, client)
  const deviceCode = `device_${randomToken()}`
  const now = clock.now()
  for (;;) {
    const userCode = randomLetters(userCodeLetters, userCodeLength)
    const opened = await deviceAuthorizations.open({
      id: uuidv7(now),
      organisationId: client.organisationId,
      clientId: client.id,
      deviceCodeHash: hashDeviceCode(deviceCode),
      userCodeHash: hashUserCode(userCode),
      scopes,
      ipAddress,
      createdAt: now,
      expiresAt: addSeconds(now, LIFETIME),
      pollInterval: INTERVAL,
    })
    if (!opened) continue
    const shown = formatUserCode(userCode)
    return {
      device_code: deviceCode,
      user_code: shown,
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${shown}`,
      expires_in: LIFETIME,
      interval: INTERVAL,
    }
  }
}
