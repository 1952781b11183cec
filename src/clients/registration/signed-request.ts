import type { ClientKeys } from '../../keys/client-keys.ts'
import { CLOCK_SKEW_SECONDS, REPLAY_MARGIN_SECONDS, optionalType, readForeignJwt } from '../../keys/foreign-jwt.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { fingerprint } from '../../lib/crypto/hash.ts'
import type { ReplayCache } from '../../model/replay/replay-cache.ts'
import { signingAlgorithms } from '../../model/clients/client-algorithms.ts'
import type { Client } from '../../model/clients/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { profileOf } from '../settings/profiles.ts'
import { applyStatement, type SoftwareStatement } from './software-statement.ts'

/** Client metadata as received: a JSON body, or the unverified claims of a JWT. */
export interface MetadataRequest {
  body: unknown
  jwt: string | undefined
}

export interface SignedRequestOptions {
  clock: Clock
  clientKeys: Pick<ClientKeys, 'verify'>
  replayCache: Pick<ReplayCache, 'consume'>
}

/** What the claims of a signed request must match. */
export interface SignedRequestContext {
  organisationId: string
  profile: Client['profile']
  /** The accepted audiences. */
  audiences: readonly string[]
  /** The client whose registration is replaced; undefined for a new one. */
  clientId: string | undefined
}

const MAX_REQUEST_LIFETIME_SECONDS = 3_600
const MAX_NAME_LENGTH = 512

/** Parses a registration request that is a JWT (Open Banking Dynamic Client Registration 3.2). Verifies nothing. */
export function parseSignedRequest(jwt: string): MetadataRequest {
  // The same key signs JWTs of other types (RFC 8725 §3.11).
  const read = readForeignJwt(jwt.trim(), optionalType())
  if ('flaw' in read)
    throw invalidMetadata(`The body must be a signed JWT whose claims are the metadata. It ${read.flaw}.`)
  return { body: read.claims, jwt: jwt.trim() }
}

/**
 * Verifies a request that is a JWT: signed by a key that it registers, for this server, valid now, and used once. The keys
 * of a software statement override its own. So a client cannot register the keys of another one. Throws
 * `invalid_client_metadata` (RFC 7591 §3.2.2). A JSON request has no signature and is accepted.
 */
export async function verifySignedRequest(
  { body, jwt }: MetadataRequest,
  statement: SoftwareStatement | undefined,
  { organisationId, profile, audiences, clientId }: SignedRequestContext,
  { clock, clientKeys, replayCache }: SignedRequestOptions,
): Promise<void> {
  if (jwt === undefined) return
  const metadata = body as Record<string, unknown>
  const { jwks, jwks_uri: uri, software_id: softwareId } = statement ? applyStatement(metadata, statement) : metadata
  const keyHolder = {
    jwks: typeof jwks === 'object' && jwks !== null ? (jwks as Record<string, unknown>) : null,
    jwksUri: typeof uri === 'string' ? uri : null,
  }
  if (keyHolder.jwks === null && keyHolder.jwksUri === null) {
    throw invalidMetadata('A signed request must register its signing key, in jwks or at jwks_uri.')
  }
  const algorithms = signingAlgorithms.filter((alg) => profileOf({ profile }).assertionAlgorithms.includes(alg))
  const claims = await clientKeys.verify(jwt, keyHolder, algorithms)
  if (!claims) {
    throw invalidMetadata(
      `The request is expired, or not signed with a key of its jwks or jwks_uri by one of ${algorithms.join(', ')}.`,
    )
  }
  const { iss, aud, exp, jti } = claims
  const now = clock.now().getTime() / 1000
  const expectedIssuers = [clientId, softwareId].filter((name) => typeof name === 'string')
  if (!isValidName(iss) || (expectedIssuers.length > 0 && !expectedIssuers.includes(iss))) {
    throw invalidMetadata(
      `The iss of the request must be ${expectedIssuers.length > 0 ? expectedIssuers.join(' or ') : 'there'}.`,
    )
  }
  if (![aud].flat().some((name) => audiences.some((known) => known === name))) {
    throw invalidMetadata(`The aud of the request must be one of ${audiences.join(', ')}.`)
  }
  if (typeof exp !== 'number' || exp > now + MAX_REQUEST_LIFETIME_SECONDS + CLOCK_SKEW_SECONDS) {
    throw invalidMetadata('The request must have an exp at most one hour from now.')
  }
  if (!isValidName(jti)) throw invalidMetadata(`The request must have a jti of at most ${MAX_NAME_LENGTH} characters.`)
  // A new client has no id yet, so the jti is unique per organisation and issuer.
  const isFirstUse = await replayCache.consume({
    kind: 'client_assertion',
    signer: organisationId,
    organisationId,
    jti: fingerprint(`${iss}\n${jti}`),
    expiresAt: new Date((exp + REPLAY_MARGIN_SECONDS) * 1000),
  })
  if (isFirstUse) return
  throw invalidMetadata('The request was used before. Each jti is accepted once.')
}

function isValidName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH
}

function invalidMetadata(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', description)
}
