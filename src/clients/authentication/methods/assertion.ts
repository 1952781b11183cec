import type { RegisteredClient } from '../../../model/clients/client.ts'
import { claimsOf, mayHaveType, parseCompact } from '../../../keys/jws.ts'
import type { Parameters } from '../../../oauth/parameters.ts'
import { profileOf } from '../../settings/profiles.ts'
import { invalidClient, type ClientCredentials, type VerificationContext } from './method.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** Seconds that an assertion may be good for at most, and by which the client's clock may be ahead. */
const MAX_ASSERTION_LIFETIME_SECONDS = 3_600
const CLOCK_SKEW_SECONDS = 60

/** What a request offers by an assertion (RFC 7523 §2.2), or undefined. `mac`: whether it is signed with a secret. */
export function readAssertion(form: Parameters): { credentials: ClientCredentials; mac: boolean } | undefined {
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  if (assertion === undefined && type === undefined) return undefined
  if (assertion === undefined) return malformed('client_assertion_type is sent without client_assertion.')
  if (type !== ASSERTION_TYPE) return malformed(`client_assertion_type must be ${ASSERTION_TYPE}.`)
  const jws = parseCompact(assertion)
  const subject = jws && claimsOf(jws)?.['sub']
  if (!jws || typeof subject !== 'string')
    return malformed('client_assertion is not a JWT that names the client as its sub.')
  // A request object goes through browsers, and the same key signs it (RFC 9101 §10.8).
  if (!mayHaveType(jws, 'client-authentication+jwt')) return malformed('client_assertion is a JWT of another kind.')
  const formClientId = form.get('client_id')
  if (formClientId !== undefined && formClientId !== subject)
    return malformed('client_id is not the sub of client_assertion.')
  const { alg } = jws.header
  const mac = typeof alg === 'string' && alg.startsWith('HS')
  return { credentials: { kind: 'assertion', clientId: subject, assertion }, mac }
}

/**
 * Whether the claims of an assertion, whose signature is right, name this client and this server, and were not used
 * before (RFC 7523 §3). Throws `invalid_client` with what is wrong: whoever could sign it may know.
 */
export async function consumeAssertion(
  claims: Readonly<Record<string, unknown>>,
  client: RegisteredClient,
  context: VerificationContext,
): Promise<true> {
  const { id, organisationId } = client
  const { jti, exp } = verifyClaims(claims, client, context)
  const expiresAt = new Date((exp + CLOCK_SKEW_SECONDS) * 1000)
  if (await context.replayCache.consume({ kind: 'client_assertion', signer: id, organisationId, jti, expiresAt }))
    return true
  throw invalidClient('client_assertion was used before: each is good once.')
}

function verifyClaims(
  { iss, aud, exp, iat, jti }: Readonly<Record<string, unknown>>,
  client: RegisteredClient,
  { now, issuer, audiences }: VerificationContext,
): { jti: string; exp: number } {
  const seconds = now.getTime() / 1000
  if (iss !== client.clientId) throw invalidClient('The iss of client_assertion must be the client_id.')
  // An assertion for several names may be one for somebody else's server as well.
  if (profileOf(client).assertionAudience === 'issuer' && aud !== issuer) {
    throw invalidClient(`The aud of client_assertion must be ${issuer}, and nothing else.`)
  }
  if (![aud].flat().some((name) => audiences.some((own) => own === name))) {
    throw invalidClient(`The aud of client_assertion must be one of ${audiences.join(', ')}.`)
  }
  if (typeof exp !== 'number' || exp > seconds + MAX_ASSERTION_LIFETIME_SECONDS + CLOCK_SKEW_SECONDS) {
    throw invalidClient('client_assertion must have an exp, at most an hour from now.')
  }
  if (iat !== undefined && (typeof iat !== 'number' || iat > seconds + CLOCK_SKEW_SECONDS)) {
    throw invalidClient('The iat of client_assertion lies in the future.')
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > 512 || jti.includes('\0')) {
    throw invalidClient('client_assertion must have a jti, of 512 characters at most.')
  }
  return { jti, exp }
}

function malformed(description: string) {
  return { credentials: { kind: 'malformed', description } as const, mac: false }
}
