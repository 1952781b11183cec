import { setTimeout as sleep } from 'node:timers/promises'
import { randomToken } from '../lib/random.ts'
import { computeS256Challenge } from '../oauth/pkce.ts'
import type { ClientCredentials } from './client-authentication.ts'
import type { StoredToken } from './contexts.ts'
import { Failure } from './failure.ts'
import { listenForAnswer } from './loopback.ts'
import type { Metadata } from './metadata.ts'
import { tell } from './output.ts'
import { openBrowser } from './programs.ts'
import { askForTokens, tokensOf } from './tokens.ts'

/** How long somebody has for signing in, in milliseconds. */
const PATIENCE = 600_000

/** Signs in a person at a browser of this machine: a code with PKCE, by a loopback redirect (RFC 8252 §4.1, §7.3). */
export async function browserLogin(metadata: Metadata, client: ClientCredentials, scope: string): Promise<StoredToken> {
  const loopback = await listenForAnswer()
  try {
    const [state, verifier] = [randomToken(), randomToken()]
    const address = `${metadata.issuer}${metadata.authorization}?${new URLSearchParams({
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: loopback.redirectUri,
      scope,
      state,
      code_challenge: computeS256Challenge(verifier),
      code_challenge_method: 'S256',
    })}`
    tell(`Sign in at ${address}`)
    openBrowser(address)
    const answer = await Promise.race([loopback.answered, sleep(PATIENCE, undefined, { ref: false })])
    if (!answer) throw new Failure('notSignedIn', 'Nobody signed in in time. Begin again with cerberus login.')
    const code = codeOf(answer, state, metadata.issuer)
    const redeemed = await askForTokens(metadata, client, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: loopback.redirectUri,
      code_verifier: verifier,
    })
    return tokensOf(redeemed, client.clientId)
  } finally {
    loopback.close()
  }
}

/** The code of an answer to this request (RFC 6749 §4.1.2) by this server (RFC 9207 §2.4). */
function codeOf(answer: URLSearchParams, state: string, issuer: string): string {
  if (answer.get('state') !== state || answer.get('iss') !== issuer) {
    throw new Failure('failure', 'The browser brought an answer to something else. Nobody is signed in.')
  }
  const code = answer.get('code')
  if (code !== null) return code
  const [error, description] = [answer.get('error') ?? 'no code', answer.get('error_description')]
  throw new Failure(error === 'access_denied' ? 'refused' : 'failure', `${description ?? 'Refused'} (${error})`)
}
