import type { RegisteredClient } from '../../../model/clients/client-cache.ts'
import { CLOCK_SKEW_SECONDS, REPLAY_MARGIN_SECONDS, optionalType, readForeignJwt } from '../../../keys/foreign-jwt.ts'
import type { Parameters } from '../../../oauth/parameters.ts'
import { profileOf } from '../../settings/profiles.ts'
import { invalidClient, type ClientCredentials, type VerificationContext } from './method.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** The same key signs request objects, which pass through browsers (RFC 9101 §10.8). */
const assertionType = optionalType('client-authentication+jwt')
const MAX_ASSERTION_LIFETIME_SECONDS = 3_600

/** Reads the client assertion of a request (RFC 7523 §2.2), undefined without one. `mac`: signed with a secret. */
export function readAssertion(form: Parameters): { credentials: ClientCredentials; mac: boolean } | undefined {
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  if (assertion === undefined && type === undefined) return undefined
  if (assertion === undefined) return malformed('client_assertion_type is sent without client_assertion.')
  if (type !== ASSERTION_TYPE) return malformed(`client_assertion_type must be ${ASSERTION_TYPE}.`)
  const jwt = readForeignJwt(assertion, assertionType)
  if ('flaw' in jwt) return malformed(`client_assertion ${jwt.flaw}.`)
  const { sub: subject } = jwt.claims
  if (typeof subject !== 'string') return malformed('client_assertion must be a JWT whose sub is the client_id.')
  const formClientId = form.get('client_id')
  if (formClientId !== undefined && formClientId !== subject)
    return malformed('client_id must be the sub of client_assertion.')
  const { alg } = jwt.header
  const mac = typeof alg === 'string' && alg.startsWith('HS')
  return { credentials: { kind: 'assertion', clientId: subject, assertion }, mac }
}

/**
 * Verifies the claims of an assertion with a valid signature: issuer, audience, times, and that it is used once (RFC 7523
 * §3). Throws `invalid_client` and names the wrong claim, which is safe: the sender holds the key.
 */
export async function consumeAssertion(
  claims: Readonly<Record<string, unknown>>,
  client: RegisteredClient,
  context: VerificationContext,
): Promise<true> {
  const { id, organisationId } = client
  const { jti, exp } = verifyClaims(claims, client, context)
  const expiresAt = new Date((exp + REPLAY_MARGIN_SECONDS) * 1000)
  if (await context.replayCache.consume({ kind: 'client_assertion', signer: id, organisationId, jti, expiresAt }))
    return true
  throw invalidClient('client_assertion was used before. Each jti is accepted once.')
}

function verifyClaims(
  { iss, aud, exp, jti }: Readonly<Record<string, unknown>>,
  client: RegisteredClient,
  { now, issuer, audiences }: VerificationContext,
): { jti: string; exp: number } {
  const seconds = now.getTime() / 1000
  if (iss !== client.clientId) throw invalidClient('The iss of client_assertion must be the client_id.')
  // An assertion with several audiences may be meant for another server, too.
  if (profileOf(client).assertionAudience === 'issuer' && aud !== issuer) {
    throw invalidClient(`The aud of client_assertion must be ${issuer}, as a single string.`)
  }
  if (![aud].flat().some((name) => audiences.some((own) => own === name))) {
    throw invalidClient(`The aud of client_assertion must be one of ${audiences.join(', ')}.`)
  }
  if (typeof exp !== 'number' || exp > seconds + MAX_ASSERTION_LIFETIME_SECONDS + CLOCK_SKEW_SECONDS) {
    throw invalidClient('client_assertion must have an exp at most one hour from now.')
  }
  if (typeof jti !== 'string' || jti === '' || jti.length > 512) {
    throw invalidClient('client_assertion must have a jti of at most 512 characters.')
  }
  return { jti, exp }
}

function malformed(description: string) {
  return { credentials: { kind: 'malformed', description } as const, mac: false }
}
