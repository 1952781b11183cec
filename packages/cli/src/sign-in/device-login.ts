import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, createApiError } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { log } from '../output/log.ts'
import { postAsClient } from '../requests/post-as-client.ts'
import type { ServerMetadata } from '../requests/server-metadata.ts'
import { addSeconds, now } from '../system/clock.ts'
import type { ClientCredentials } from './client-authentication.ts'
import type { StoredToken } from './contexts.ts'
import { parseTokenResponse, requestTokens } from './token-endpoint.ts'

/** RFC 8628 §3.4. */
const DEVICE_CODE_GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'
/** RFC 8628 §3.2. */
const DEFAULT_INTERVAL_SECONDS = 5

/** RFC 8628 §3.2. */
interface DeviceAuthorization {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete?: string
  expires_in: number
  interval?: number
}

/** Signs in a user who has a browser on any device (RFC 8628 §3). */
export async function deviceLogin(
  metadata: ServerMetadata,
  client: ClientCredentials,
  scope: string,
): Promise<StoredToken> {
  const path = metadata.deviceAuthorization
  if (path === undefined) {
    throw new Failure('failure', `${metadata.issuer} does not support the device flow: use --browser.`)
  }
  const { status, body } = await postAsClient(metadata, client, path, { scope })
  if (status !== 200) throw createApiError(status, body)
  const authorization = body as DeviceAuthorization
  log(`Open ${authorization.verification_uri_complete ?? authorization.verification_uri} in a browser`)
  log(`and confirm the code ${authorization.user_code}.`)
  const expiresAt = addSeconds(now(), authorization.expires_in)
  let interval = authorization.interval ?? DEFAULT_INTERVAL_SECONDS
  while (now() < expiresAt) {
    await sleep(interval * 1000)
    const fields = { grant_type: DEVICE_CODE_GRANT_TYPE, device_code: authorization.device_code }
    const response = await requestTokens(metadata, client, fields).catch((error: unknown) => {
      if (error instanceof ApiError && error.kind === 'unreachable') return undefined
      throw error
    })
    if (!response || response.status === 429 || response.status >= 500) {
      // The server may be back before the code expires (§3.5).
      interval *= 2
      continue
    }
    const { error } = response.body as { error?: string }
    if (error === 'slow_down') interval += DEFAULT_INTERVAL_SECONDS
    else if (error === 'access_denied') throw new Failure('forbidden', 'The sign-in was denied.')
    else if (error === 'expired_token') break
    else if (error !== 'authorization_pending') return parseTokenResponse(response, client.clientId)
  }
  throw new Failure('unauthenticated', 'The sign-in timed out. Run cerberus login again.')
}
