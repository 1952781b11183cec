import { readIdTokenHint, type IdTokenHintOptions } from '../../keys/id-token-hint.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

/**
 * The subject of `id_token_hint`, an ID token that this server issued to this client (OpenID Connect Core §3.1.2.1). A hint
 * whose key is gone says nothing: the request goes on as without one, and `prompt=none` throws `login_required`.
 */
export async function checkIdTokenHint(
  parameters: Parameters,
  client: RegisteredClient,
  options: IdTokenHintOptions,
): Promise<string | undefined> {
  const text = parameters.get('id_token_hint')
  if (text === undefined) return undefined
  const hint = await readIdTokenHint(text, options)
  if (hint === 'unverifiable') {
    if (parameters.get('prompt') !== 'none') return undefined
    throw new OAuthError('login_required', "The 'id_token_hint' is older than the keys of this server.")
  }
  if (hint === 'invalid' || hint.audience !== client.clientId) {
    throw new OAuthError(
      'invalid_request',
      "The parameter 'id_token_hint' must be an ID token that this server issued to this client.",
    )
  }
  return hint.subject
}
