import { claimsOf, readCompact } from '../../keys/jws.ts'
import { signingAlgorithms } from '../../model/client.ts'
import type { AuthenticationMethod, Proof } from './method.ts'
import { refuseClient } from './method.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Seconds that an assertion may be good for at most, and by which the client's clock may be ahead. */
const LONGEST = 3_600
const AHEAD = 60

/** A JWT that the client signs with its private key (RFC 7523 §2.2, §3; OpenID Connect Core §9). */
export const privateKeyJwt: AuthenticationMethod = {
  name: 'private_key_jwt',
  present(_authorization, form) {
    const assertion = form.get('client_assertion')
    const type = form.get('client_assertion_type')
    if (assertion === undefined && type === undefined) return undefined
    if (assertion === undefined) return malformed('client_assertion_type is sent without client_assertion.')
    if (type !== TYPE) return malformed(`client_assertion_type must be ${TYPE}.`)
    const read = readCompact(assertion)
    const subject = read && claimsOf(read)?.['sub']
    if (typeof subject !== 'string') return malformed('client_assertion is not a JWT that names the client as its sub.')
    const named = form.get('client_id')
    if (named !== undefined && named !== subject) return malformed('client_id is not the sub of client_assertion.')
    return { kind: 'assertion', clientId: subject, assertion }
  },
  async verify(presented, client, proof) {
    if (presented.kind !== 'assertion' || !client || client.tokenEndpointAuthMethod !== this.name) return false
    const only = client.tokenEndpointAuthSigningAlg
    const algorithms = only === null ? signingAlgorithms : [only]
    const claims = await proof.clientKeys.verify(presented.assertion, client, algorithms)
    if (!claims) return false
    const { jti, exp } = checkClaims(claims, client.clientId, proof)
    const { id: clientId, organisationId } = client
    const expiresAt = new Date((exp + AHEAD) * 1000)
    if (await proof.assertions.use({ clientId, organisationId, jti, expiresAt })) return true
    throw refuseClient('client_assertion was used before: each is good once.')
  },
}

/** The signature is right: what is wrong besides, its client may know. */
function checkClaims(
  { iss, aud, exp, iat, jti }: Readonly<Record<string, unknown>>,
  clientId: string,
  { now, audiences }: Proof,
): { jti: string; exp: number } {
  const seconds = now.getTime() / 1000
  if (iss !== clientId) throw refuseClient('The iss of client_assertion must be the client_id.')
  if (![aud].flat().some((name) => audiences.some((own) => own === name))) {
    throw refuseClient(`The aud of client_assertion must be one of ${audiences.join(', ')}.`)
  }
  if (typeof exp !== 'number' || exp > seconds + LONGEST + AHEAD) {
    throw refuseClient('client_assertion must have an exp, at most an hour from now.')
  }
  if (iat !== undefined && (typeof iat !== 'number' || iat > seconds + AHEAD)) {
    throw refuseClient('The iat of client_assertion lies in the future.')
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > 512 || jti.includes('\0')) {
    throw refuseClient('client_assertion must have a jti, of 512 characters at most.')
  }
  return { jti, exp }
}

function malformed(description: string) {
  return { kind: 'malformed', description } as const
}
