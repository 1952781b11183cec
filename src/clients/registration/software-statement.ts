import type { ClientKeys } from '../../keys/client-keys.ts'
import { claimsOf, parseCompact } from '../../keys/jws.ts'
import type { Clock } from '../../lib/clock.ts'
import { isValidUnicode } from '../../lib/unicode.ts'
import { signingAlgorithms } from '../../model/clients/client.ts'
import type { SoftwareStatementIssuerRepository } from '../../model/clients/software-statement-issuer.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { parseScope } from '../../oauth/scope.ts'

export interface SoftwareStatementOptions {
  issuer: string
  clock: Clock
  clientKeys: Pick<ClientKeys, 'verify'>
  softwareStatementIssuers: Pick<SoftwareStatementIssuerRepository, 'find'>
}

/** What somebody whom the organisation believes has said of a client. */
export interface SoftwareStatement {
  /** As it was sent. */
  text: string
  issuer: string
  softwareId: unknown
  /** The most that its issuer may let a client have. */
  scopes: readonly string[]
  /** What it says, without what only makes it a JWT. */
  claims: Readonly<Record<string, unknown>>
}

const MAX_STATEMENT_LENGTH = 16_384
const MAX_ISSUER_LENGTH = 500
/** Seconds by which the clock of the issuer may be ahead. */
const CLOCK_SKEW_SECONDS = 60
/** Of the JWT, and no metadata; a statement within a statement is nobody's. */
const jwtClaimNames = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'software_statement'])

/**
 * Reads `software_statement` of client metadata (RFC 7591 §2.3), undefined where there is none. Throws
 * `invalid_software_statement` for one that nobody believed has signed, or that is not for now or not for us, and
 * `unapproved_software_statement` for one whose issuer the organisation does not believe, or not as far as this (§3.2.2).
 */
export async function readSoftwareStatement(
  body: unknown,
  organisationId: string,
  { issuer: serverIssuer, clock, clientKeys, softwareStatementIssuers }: SoftwareStatementOptions,
): Promise<SoftwareStatement | undefined> {
  const text = statementOf(body)
  if (text === undefined || text === null) return undefined
  const jws = typeof text === 'string' && text.length <= MAX_STATEMENT_LENGTH ? parseCompact(text) : undefined
  const unverifiedClaims = jws && claimsOf(jws)
  if (!jws || !unverifiedClaims || typeof text !== 'string') {
    throw invalidStatement(`must be a signed JWT of at most ${MAX_STATEMENT_LENGTH} characters`)
  }
  const { iss } = unverifiedClaims
  if (typeof iss !== 'string' || iss === '' || iss.length > MAX_ISSUER_LENGTH || !isValidUnicode(iss)) {
    throw invalidStatement('must name its issuer as iss')
  }
  // An ID token is a JWT as well, and so is whatever else its issuer signs with the same key (RFC 8725 §3.11).
  if (!isPlainJwt(jws.header['typ'])) throw invalidStatement('is a JWT of another kind')
  const issuer = await softwareStatementIssuers.find(organisationId, iss)
  if (!issuer) throw unapprovedStatement(`is of an issuer that is not trusted here: ${iss.slice(0, 200)}`)

  const verifiedClaims = await clientKeys.verify(text, issuer, signingAlgorithms)
  if (!verifiedClaims) throw invalidStatement('is expired, not good yet, or not signed by a key of its issuer')
  const { iat, aud } = verifiedClaims
  if (iat !== undefined && iat > clock.now().getTime() / 1000 + CLOCK_SKEW_SECONDS)
    throw invalidStatement('has an iat in the future')
  if (aud !== undefined && ![aud].flat().includes(serverIssuer))
    throw invalidStatement('has an aud that is not this server')

  const claims = Object.fromEntries(
    Object.entries(verifiedClaims).filter(([name, value]) => !jwtClaimNames.has(name) && value !== null),
  )
  const { scope, software_id: softwareId } = claims
  const excessScopes =
    typeof scope === 'string' ? parseScope(scope)?.filter((name) => !issuer.scopes.includes(name)) : []
  if (!excessScopes || excessScopes.length > 0) throw unapprovedStatement('gives a scope that its issuer may not give')
  return { text, issuer: iss, softwareId, scopes: issuer.scopes, claims }
}

/**
 * Whether `next` may take the place of the statement that a client was registered with: it speaks of the same software, in
 * the name of the same issuer. Otherwise whoever holds the client's token could make another application of it. Throws
 * `invalid_software_statement` or `unapproved_software_statement`.
 */
export function assertSameSoftware(registered: unknown, next: SoftwareStatement | undefined): void {
  const read = typeof registered === 'string' ? parseCompact(registered) : undefined
  if (!read) return
  const { iss, software_id: softwareId } = claimsOf(read) ?? {}
  if (!next) throw invalidStatement('must be there: the client was registered with one')
  if (next.issuer !== iss)
    throw unapprovedStatement('is of another issuer than the one that the client was registered with')
  if (next.softwareId !== (softwareId ?? undefined)) {
    throw unapprovedStatement('has another software_id than the one that the client was registered with')
  }
}

/** The metadata with what the statement says in place of what the client says (§2.3). */
export function applyStatement(
  wire: Readonly<Record<string, unknown>>,
  { claims }: SoftwareStatement,
): Record<string, unknown> {
  // Whoever reads French would be shown another name than the one that was vouched for.
  const own = Object.entries(wire).filter(([name]) => !Object.hasOwn(claims, name.split('#')[0] ?? ''))
  return { ...Object.fromEntries(own), ...claims }
}

/** Where an organisation takes no client without one. */
export function missingStatement(): OAuthError {
  return invalidStatement('must be there: clients need one here')
}

function statementOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'software_statement' in body ? body.software_statement : undefined
}

function isPlainJwt(typ: unknown): boolean {
  return typ === undefined || (typeof typ === 'string' && /^(application\/)?jwt$/i.test(typ))
}

function invalidStatement(what: string): OAuthError {
  return new OAuthError('invalid_software_statement', `software_statement ${what}.`)
}

function unapprovedStatement(what: string): OAuthError {
  return new OAuthError('unapproved_software_statement', `software_statement ${what}.`)
}
