import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { log } from '../output/log.ts'
import type { ServerMetadata } from '../requests/server-metadata.ts'
import { openBrowser } from '../system/external-programs.ts'
import { randomToken } from '../system/random.ts'
import type { ClientCredentials } from './client-authentication.ts'
import type { StoredToken } from './contexts.ts'
import { listenForRedirect } from './loopback-redirect.ts'
import { codeChallengeOf } from './pkce.ts'
import { parseTokenResponse, requestTokens } from './token-endpoint.ts'

const SIGN_IN_TIMEOUT_MS = 600_000

/** Signs in a user by a browser on this machine: a code with PKCE and a loopback redirect (RFC 8252 §4.1, §7.3). */
export async function browserLogin(
  metadata: ServerMetadata,
  client: ClientCredentials,
  scope: string,
): Promise<StoredToken> {
  const loopback = await listenForRedirect()
  try {
    const [state, verifier] = [randomToken(), randomToken()]
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: loopback.redirectUri,
      scope,
      state,
      code_challenge: codeChallengeOf(verifier),
      code_challenge_method: 'S256',
    })
    const address = `${metadata.issuer}${metadata.authorization}?${parameters.toString()}`
    log(`Sign in at ${address}`)
    openBrowser(address)
    const redirect = await Promise.race([loopback.received, sleep(SIGN_IN_TIMEOUT_MS, undefined, { ref: false })])
    if (!redirect) throw new Failure('unauthenticated', 'The sign-in timed out. Run cerberus login again.')
    const code = readCode(redirect, state, metadata.issuer)
    const response = await requestTokens(metadata, client, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: loopback.redirectUri,
      code_verifier: verifier,
    })
    return parseTokenResponse(response, client.clientId)
  } finally {
    loopback.close()
  }
}

/** The code in the response to this request (RFC 6749 §4.1.2) from this issuer (RFC 9207 §2.4). */
function readCode(redirect: URLSearchParams, state: string, issuer: string): string {
  if (redirect.get('state') !== state || redirect.get('iss') !== issuer) {
    throw new Failure('failure', 'The browser returned a response to another request. You are not signed in.')
  }
  const code = redirect.get('code')
  if (code !== null) return code
  const [error, description] = [redirect.get('error') ?? 'no code', redirect.get('error_description')]
  const message = `${description ?? 'The sign-in was rejected'} (${error})`
  throw new Failure(error === 'access_denied' ? 'forbidden' : 'failure', message)
}
