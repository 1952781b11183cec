import type { RegisteredClient } from '../../model/clients/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

export interface IdTokenHintOptions {
  issuer: string
  /** The claims of an ID token that one of our keys signed, expired or not. */
  verify: (token: string, kind: 'JWT') => Promise<Record<string, unknown> | undefined>
}

/** The user that `id_token_hint` is about: an ID token of ours for this client (OpenID Connect Core §3.1.2.1). */
export async function checkIdTokenHint(
  parameters: Parameters,
  client: RegisteredClient,
  { issuer, verify }: IdTokenHintOptions,
): Promise<string | undefined> {
  const hint = parameters.get('id_token_hint')
  if (hint === undefined) return undefined
  const claims = await verify(hint, 'JWT')
  if (claims?.['iss'] !== issuer || claims['aud'] !== client.clientId || typeof claims['sub'] !== 'string') {
    throw new OAuthError('invalid_request', 'id_token_hint is not an ID token that was issued to this client here.')
  }
  return claims['sub']
}
