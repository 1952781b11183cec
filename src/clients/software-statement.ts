import type { ClientKeys } from '../keys/client-keys.ts'
import { claimsOf, readCompact } from '../keys/jws.ts'
import type { Clock } from '../lib/clock.ts'
import { isStorable } from '../lib/text.ts'
import { signingAlgorithms } from '../model/client.ts'
import type { StatementIssuerRepository } from '../model/statement-issuer.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseScope } from '../oauth/scope.ts'

export interface SoftwareStatementOptions {
  issuer: string
  clock: Clock
  clientKeys: Pick<ClientKeys, 'verify'>
  statementIssuers: Pick<StatementIssuerRepository, 'find'>
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

const LONGEST = 16_384
const LONGEST_ISSUER = 500
/** Seconds by which the clock of the issuer may be ahead. */
const AHEAD = 60
/** Of the JWT, and no metadata; a statement within a statement is nobody's. */
const envelope = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'software_statement'])

/**
 * Reads `software_statement` of client metadata (RFC 7591 §2.3), undefined where there is none. Throws
 * `invalid_software_statement` for one that nobody believed has signed, or that is not for now or not for us, and
 * `unapproved_software_statement` for one whose issuer the organisation does not believe, or not as far as this (§3.2.2).
 */
export async function readSoftwareStatement(
  body: unknown,
  organisationId: string,
  { issuer: self, clock, clientKeys, statementIssuers }: SoftwareStatementOptions,
): Promise<SoftwareStatement | undefined> {
  const text = statementOf(body)
  if (text === undefined || text === null) return undefined
  const read = typeof text === 'string' && text.length <= LONGEST ? readCompact(text) : undefined
  const unproven = read && claimsOf(read)
  if (!read || !unproven || typeof text !== 'string') {
    throw invalid(`must be a signed JWT of at most ${LONGEST} characters`)
  }
  const { iss } = unproven
  if (typeof iss !== 'string' || iss === '' || iss.length > LONGEST_ISSUER || !isStorable(iss)) {
    throw invalid('must name its issuer as iss')
  }
  // An ID token is a JWT as well, and so is whatever else its issuer signs with the same key (RFC 8725 §3.11).
  if (!isPlainJwt(read.header['typ'])) throw invalid('is a JWT of another kind')
  const issuer = await statementIssuers.find(organisationId, iss)
  if (!issuer) throw unapproved(`is of an issuer that is not trusted here: ${iss.slice(0, 200)}`)

  const proven = await clientKeys.verify(text, issuer, signingAlgorithms)
  if (!proven) throw invalid('is expired, not good yet, or not signed by a key of its issuer')
  const { iat, aud } = proven
  if (iat !== undefined && iat > clock.now().getTime() / 1000 + AHEAD) throw invalid('has an iat in the future')
  if (aud !== undefined && ![aud].flat().includes(self)) throw invalid('has an aud that is not this server')

  const claims = Object.fromEntries(
    Object.entries(proven).filter(([name, value]) => !envelope.has(name) && value !== null),
  )
  const { scope, software_id: softwareId } = claims
  const beyond = typeof scope === 'string' ? parseScope(scope)?.filter((name) => !issuer.scopes.includes(name)) : []
  if (!beyond || beyond.length > 0) throw unapproved('gives a scope that its issuer may not give')
  return { text, issuer: iss, softwareId, scopes: issuer.scopes, claims }
}

/**
 * Whether `next` may take the place of the statement that a client was registered with: it speaks of the same software, in
 * the name of the same issuer. Otherwise whoever holds the client's token could make another application of it. Throws
 * `invalid_software_statement` or `unapproved_software_statement`.
 */
export function checkSuccessor(registered: unknown, next: SoftwareStatement | undefined): void {
  const read = typeof registered === 'string' ? readCompact(registered) : undefined
  if (!read) return
  const { iss, software_id: softwareId } = claimsOf(read) ?? {}
  if (!next) throw invalid('must be there: the client was registered with one')
  if (next.issuer !== iss) throw unapproved('is of another issuer than the one that the client was registered with')
  if (next.softwareId !== (softwareId ?? undefined)) {
    throw unapproved('has another software_id than the one that the client was registered with')
  }
}

/** The metadata with what the statement says in place of what the client says (§2.3). */
export function withStatement(
  wire: Readonly<Record<string, unknown>>,
  { claims }: SoftwareStatement,
): Record<string, unknown> {
  // Whoever reads French would be shown another name than the one that was vouched for.
  const own = Object.entries(wire).filter(([name]) => !Object.hasOwn(claims, name.split('#')[0] ?? ''))
  return { ...Object.fromEntries(own), ...claims }
}

/** Where an organisation takes no client without one. */
export function missingStatement(): OAuthError {
  return invalid('must be there: clients need one here')
}

function statementOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'software_statement' in body ? body.software_statement : undefined
}

function isPlainJwt(typ: unknown): boolean {
  return typ === undefined || (typeof typ === 'string' && /^(application\/)?jwt$/i.test(typ))
}

function invalid(what: string): OAuthError {
  return new OAuthError('invalid_software_statement', `software_statement ${what}.`)
}

function unapproved(what: string): OAuthError {
  return new OAuthError('unapproved_software_statement', `software_statement ${what}.`)
}
