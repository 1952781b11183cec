import type { RegisteredClient } from '../../model/client.ts'
import { claimsOf, mayBeOfKind, readCompact } from '../../keys/jws.ts'
import type { Parameters } from '../../oauth/params.ts'
import { refuseClient, type Presented, type Proof } from './method.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Seconds that an assertion may be good for at most, and by which the client's clock may be ahead. */
const LONGEST = 3_600
const AHEAD = 60

/** What a request offers by an assertion (RFC 7523 §2.2), or undefined. `mac`: whether it is signed with a secret. */
export function presentedAssertion(form: Parameters): { presented: Presented; mac: boolean } | undefined {
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  if (assertion === undefined && type === undefined) return undefined
  if (assertion === undefined) return malformed('client_assertion_type is sent without client_assertion.')
  if (type !== TYPE) return malformed(`client_assertion_type must be ${TYPE}.`)
  const read = readCompact(assertion)
  const subject = read && claimsOf(read)?.['sub']
  if (!read || typeof subject !== 'string')
    return malformed('client_assertion is not a JWT that names the client as its sub.')
  // A request object goes through browsers, and the same key signs it (RFC 9101 §10.8).
  if (!mayBeOfKind(read, 'client-authentication+jwt')) return malformed('client_assertion is a JWT of another kind.')
  const named = form.get('client_id')
  if (named !== undefined && named !== subject) return malformed('client_id is not the sub of client_assertion.')
  const { alg } = read.header
  const mac = typeof alg === 'string' && alg.startsWith('HS')
  return { presented: { kind: 'assertion', clientId: subject, assertion }, mac }
}

/**
 * Whether the claims of an assertion, whose signature is right, name this client and this server, and were not used
 * before (RFC 7523 §3). Throws `invalid_client` with what is wrong: whoever could sign it may know.
 */
export async function useAssertion(
  claims: Readonly<Record<string, unknown>>,
  { id, clientId, organisationId }: RegisteredClient,
  proof: Proof,
): Promise<true> {
  const { jti, exp } = checkClaims(claims, clientId, proof)
  const expiresAt = new Date((exp + AHEAD) * 1000)
  if (await proof.assertions.use({ clientId: id, organisationId, jti, expiresAt })) return true
  throw refuseClient('client_assertion was used before: each is good once.')
}

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
  return { presented: { kind: 'malformed', description } as const, mac: false }
}
