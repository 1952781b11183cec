import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

export interface IdTokenHintOptions {
  issuer: string
  /** The claims of an ID token that a key of this server signed, even if it has expired. */
  verify: (token: string, kind: 'JWT') => Promise<Record<string, unknown> | undefined>
}

/** The subject of `id_token_hint`, an ID token that this server issued to this client (OpenID Connect Core §3.1.2.1). */
export async function checkIdTokenHint(
  parameters: Parameters,
  client: RegisteredClient,
  { issuer, verify }: IdTokenHintOptions,
): Promise<string | undefined> {
  const hint = parameters.get('id_token_hint')
  if (hint === undefined) return undefined
  const claims = await verify(hint, 'JWT')
  if (claims?.['iss'] !== issuer || claims['aud'] !== client.clientId || typeof claims['sub'] !== 'string') {
    throw new OAuthError(
      'invalid_request',
      "The parameter 'id_token_hint' must be an ID token that this server issued to this client.",
    )
  }
  return claims['sub']
}
