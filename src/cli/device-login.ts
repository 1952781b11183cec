import { setTimeout as sleep } from 'node:timers/promises'
import { addSeconds, systemClock } from '../lib/clock.ts'
import { deviceCodeGrantType } from '../oauth/device-code.ts'
import type { ClientCredentials } from './client-authentication.ts'
import { askAsClient } from './client-endpoint.ts'
import type { StoredToken } from './contexts.ts'
import { Failure, failureOf } from './failure.ts'
import type { Metadata } from './metadata.ts'
import { tell } from './output.ts'
import { askForTokens, tokensOf } from './tokens.ts'

/** Signs in a person who has a browser anywhere (RFC 8628 §3). */
export async function deviceLogin(metadata: Metadata, client: ClientCredentials, scope: string): Promise<StoredToken> {
  const path = metadata.deviceAuthorization
  if (path === undefined) throw new Failure('failure', `${metadata.issuer} lets no devices sign in: try --browser.`)
  const { status, body } = await askAsClient(metadata, client, path, { scope })
  if (status !== 200) throw failureOf(status, body)
  const begun = body as {
    device_code: string
    user_code: string
    verification_uri: string
    verification_uri_complete?: string
    expires_in: number
    interval?: number
  }
  tell(`Open ${begun.verification_uri_complete ?? begun.verification_uri} in a browser`)
  tell(`and allow the code ${begun.user_code}.`)
  const end = addSeconds(systemClock.now(), begun.expires_in)
  let interval = begun.interval ?? 5
  while (systemClock.now() < end) {
    await sleep(interval * 1000)
    const fields = { grant_type: deviceCodeGrantType, device_code: begun.device_code }
    const answer = await askForTokens(metadata, client, fields).catch((error: unknown) => {
      if (error instanceof Failure && error.ending === 'unreachable') return undefined
      throw error
    })
    if (!answer || answer.status === 429 || answer.status >= 500) {
      // A server that is away for a moment ends no sign-in (§3.5).
      interval *= 2
      continue
    }
    const { error } = answer.body as { error?: string }
    if (error === 'slow_down') interval += 5
    else if (error === 'access_denied') throw new Failure('refused', 'The sign-in was not allowed.')
    else if (error === 'expired_token') break
    else if (error !== 'authorization_pending') return tokensOf(answer, client.clientId)
  }
  throw new Failure('notSignedIn', 'Nobody allowed it in time. Begin again with cerberus login.')
}
