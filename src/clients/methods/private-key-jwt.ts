import { authenticatesBy, signingAlgorithms } from '../../model/client.ts'
import { profileOf } from '../profiles.ts'
import { presentedAssertion, useAssertion } from './assertion.ts'
import type { AuthenticationMethod } from './method.ts'

/** A JWT that the client signs with its private key (RFC 7523 §2.2, §3; OpenID Connect Core §9). */
export const privateKeyJwt: AuthenticationMethod = {
  name: 'private_key_jwt',
  present(_authorization, form) {
    const found = presentedAssertion(form)
    return found?.mac ? undefined : found?.presented
  },
  async verify(presented, client, proof) {
    if (presented.kind !== 'assertion' || !client || !authenticatesBy(client, this.name)) return false
    const only = client.tokenEndpointAuthSigningAlg
    const allowed = profileOf(client).assertionAlgorithms
    const algorithms = signingAlgorithms.filter((alg) => allowed.includes(alg) && (only === null || alg === only))
    const claims = await proof.clientKeys.verify(presented.assertion, client, algorithms)
    return claims ? useAssertion(claims, client, proof) : false
  },
}
