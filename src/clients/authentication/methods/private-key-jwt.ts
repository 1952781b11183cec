import { allowsAuthMethod } from '../../../model/clients/authentication-methods.ts'
import { signingAlgorithms } from '../../../model/clients/client-algorithms.ts'
import { profileOf } from '../../settings/profiles.ts'
import { readAssertion, consumeAssertion } from './assertion.ts'
import type { AuthenticationMethod } from './method.ts'

/** A JWT signed with the private key of the client (RFC 7523 §2.2, §3; OpenID Connect Core §9). */
export const privateKeyJwt: AuthenticationMethod = {
  name: 'private_key_jwt',
  readCredentials(_authorization, form) {
    const found = readAssertion(form)
    return found?.mac ? undefined : found?.credentials
  },
  async verify(credentials, client, context) {
    if (credentials.kind !== 'assertion' || !client || !allowsAuthMethod(client, this.name)) return false
    const registeredAlgorithm = client.tokenEndpointAuthSigningAlg
    const profileAlgorithms = profileOf(client).assertionAlgorithms
    const algorithms = signingAlgorithms.filter(
      (alg) => profileAlgorithms.includes(alg) && (registeredAlgorithm === null || alg === registeredAlgorithm),
    )
    const claims = await context.clientKeys.verify(credentials.assertion, client, algorithms)
    return claims ? consumeAssertion(claims, client, context) : false
  },
}
