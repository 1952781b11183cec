import { authenticatesBy } from '../../model/client.ts'
import { presentedAssertion, useAssertion } from './assertion.ts'
import type { AuthenticationMethod } from './method.ts'

/**
 * A JWT that the client signs with its secret (RFC 7523 §2.2, §3; OpenID Connect Core §9). The secret must have been made
 * for it: of those that were made for another method there is only a hash.
 */
export const clientSecretJwt: AuthenticationMethod = {
  name: 'client_secret_jwt',
  present(_authorization, form) {
    const found = presentedAssertion(form)
    return found?.mac ? found.presented : undefined
  },
  async verify(presented, client, proof) {
    if (presented.kind !== 'assertion' || !client || !authenticatesBy(client, this.name)) return false
    const live = client.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > proof.now)
    for (const secret of live) {
      const opened = proof.secrets.open(secret)
      const claims = opened && (await proof.clientKeys.verifyMac(presented.assertion, [opened]))
      if (claims) return (await useAssertion(claims, client, proof)) && { secretId: secret.id }
    }
    return false
  },
}
