import type { ClientKeys } from '../keys/client-keys.ts'
import { claimsOf, mayBeOfKind, readCompact } from '../keys/jws.ts'
import type { Clock } from '../lib/clock.ts'
import { fingerprint } from '../lib/secret.ts'
import { isStorable } from '../lib/text.ts'
import type { AssertionRepository } from '../model/assertion.ts'
import { signingAlgorithms, type Client } from '../model/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import { profileOf } from './profiles.ts'
import { withStatement, type SoftwareStatement } from './software-statement.ts'

/** Client metadata as it came: as JSON, or as the claims of a JWT, of which nothing is proven yet. */
export interface SentMetadata {
  body: unknown
  jwt: string | undefined
}

export interface SignedMetadataOptions {
  clock: Clock
  clientKeys: Pick<ClientKeys, 'verify'>
  assertions: Pick<AssertionRepository, 'use'>
}

/** Whose request it is, and for whom it must be made. */
export interface SignedFor {
  organisationId: string
  profile: Client['profile']
  /** The names of what it is sent to. */
  audiences: readonly string[]
  /** The client that is replaced; undefined for a new one. */
  clientId: string | undefined
}

/** Seconds that a request may be good for at most, and by which the clock of who makes it may be ahead. */
const LONGEST = 3_600
const AHEAD = 60
const LONGEST_NAME = 512

/** Takes a registration request apart that is a JWT (Open Banking Dynamic Client Registration 3.2). Proves nothing. */
export function readSigned(jwt: string): SentMetadata {
  const read = readCompact(jwt.trim())
  const body = read && claimsOf(read)
  if (!read || !body) throw invalid('The body must be a signed JWT whose claims are the metadata.')
  // Whatever else the same key signs is no registration (RFC 8725 §3.11).
  if (!mayBeOfKind(read, 'jwt')) throw invalid('The body is a JWT of another kind.')
  return { body, jwt: jwt.trim() }
}

/**
 * That a request which is a JWT was signed, for this server, now and for the first time, by a key that it registers: its
 * own `jwks` or `jwks_uri`, or those of its software statement, which win. So nobody registers the keys of somebody else.
 * Throws `invalid_client_metadata` (RFC 7591 §3.2.2). JSON needs no proof.
 */
export async function proveSigned(
  { body, jwt }: SentMetadata,
  statement: SoftwareStatement | undefined,
  { organisationId, profile, audiences, clientId }: SignedFor,
  { clock, clientKeys, assertions }: SignedMetadataOptions,
): Promise<void> {
  if (jwt === undefined) return
  const own = body as Record<string, unknown>
  const { jwks, jwks_uri: uri, software_id: softwareId } = statement ? withStatement(own, statement) : own
  const holder = {
    jwks: typeof jwks === 'object' && jwks !== null ? (jwks as Record<string, unknown>) : null,
    jwksUri: typeof uri === 'string' ? uri : null,
  }
  if (holder.jwks === null && holder.jwksUri === null) {
    throw invalid('A signed request must register the key that signs it, in jwks or at jwks_uri.')
  }
  const algorithms = signingAlgorithms.filter((alg) => profileOf({ profile }).assertionAlgorithms.includes(alg))
  const claims = await clientKeys.verify(jwt, holder, algorithms)
  if (!claims) {
    throw invalid(
      `The request is expired, or not signed by ${algorithms.join(', ')} with a key of its jwks or jwks_uri.`,
    )
  }
  const { iss, aud, exp, iat, jti } = claims
  const now = clock.now().getTime() / 1000
  const names = [clientId, softwareId].filter((name) => typeof name === 'string')
  if (!isName(iss) || (names.length > 0 && !names.includes(iss))) {
    throw invalid(`The iss of the request must be ${names.length > 0 ? names.join(' or ') : 'there'}.`)
  }
  if (![aud].flat().some((name) => audiences.some((known) => known === name))) {
    throw invalid(`The aud of the request must be one of ${audiences.join(', ')}.`)
  }
  if (typeof exp !== 'number' || exp > now + LONGEST + AHEAD) {
    throw invalid('The request must have an exp, at most an hour from now.')
  }
  if (iat !== undefined && iat > now + AHEAD) throw invalid('The iat of the request lies in the future.')
  if (!isName(jti)) throw invalid(`The request must have a jti, of ${LONGEST_NAME} characters at most.`)
  // There is no client yet whose assertion it could be: it is one of the organisation's.
  const used = { clientId: organisationId, organisationId, jti: fingerprint(`${iss}\n${jti}`) }
  if (await assertions.use({ ...used, expiresAt: new Date((exp + AHEAD) * 1000) })) return
  throw invalid('The request was used before: each jti is good once.')
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME && isStorable(value)
}

function invalid(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', description)
}
