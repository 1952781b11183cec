import { allowsAuthMethod } from '../../../model/clients/authentication-methods.ts'
import { readAssertion, consumeAssertion } from './assertion.ts'
import type { AuthenticationMethod } from './method.ts'

/**
 * A JWT signed with the client secret (RFC 7523 §2.2, §3; OpenID Connect Core §9). Only secrets that were created for
 * signing work: of the others the database has a hash only.
 */
export const clientSecretJwt: AuthenticationMethod = {
  name: 'client_secret_jwt',
  readCredentials(_authorization, form) {
    const found = readAssertion(form)
    return found?.mac ? found.credentials : undefined
  },
  async verify(credentials, client, context) {
    if (credentials.kind !== 'assertion' || !client || !allowsAuthMethod(client, this.name)) return false
    const unexpiredSecrets = client.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > context.now)
    for (const secret of unexpiredSecrets) {
      const secretBytes = context.secrets.open(secret)
      const claims = secretBytes && (await context.clientKeys.verifyMac(credentials.assertion, [secretBytes]))
      if (claims) return (await consumeAssertion(claims, client, context)) && { secretId: secret.id }
    }
    return false
  },
}
