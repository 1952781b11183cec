import type { ClientKeys } from '../../keys/client-keys.ts'
import { optionalType, readForeignJwt } from '../../keys/foreign-jwt.ts'
import { signingAlgorithms } from '../../model/clients/client-algorithms.ts'
import type { SoftwareStatementIssuerRepository } from '../../model/clients/software-statement-issuer.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { parseScope } from '../../oauth/scope.ts'
import type { NewClient } from '../settings/schema.ts'

export interface SoftwareStatementOptions {
  issuer: string
  clientKeys: Pick<ClientKeys, 'verify'>
  softwareStatementIssuers: Pick<SoftwareStatementIssuerRepository, 'find'>
}

/** The statement of a trusted issuer about a client. */
export interface SoftwareStatement {
  /** The JWT as it was sent. */
  text: string
  issuer: string
  softwareId: unknown
  /** The scopes that its issuer may grant. */
  scopes: readonly string[]
  /** The claims without those of the JWT itself. */
  claims: Readonly<Record<string, unknown>>
}

const MAX_STATEMENT_LENGTH = 16_384
const MAX_ISSUER_LENGTH = 500
/** Claims that are not metadata. A nested statement is ignored. */
const jwtClaimNames = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'software_statement'])

/**
 * Verifies the `software_statement` of client metadata (RFC 7591 §2.3); undefined without one. Throws
 * `invalid_software_statement` for a wrong signature, time or audience, and `unapproved_software_statement` for an issuer
 * that the organisation does not trust, or a scope that the issuer may not grant (§3.2.2).
 */
export async function readSoftwareStatement(
  body: unknown,
  organisationId: string,
  { issuer: serverIssuer, clientKeys, softwareStatementIssuers }: SoftwareStatementOptions,
): Promise<SoftwareStatement | undefined> {
  const text = statementOf(body)
  if (text === undefined || text === null) return undefined
  if (typeof text !== 'string' || text.length > MAX_STATEMENT_LENGTH)
    throw invalidStatement(`must be a signed JWT of at most ${MAX_STATEMENT_LENGTH} characters`)
  // The same key may sign JWTs of other types, such as ID tokens (RFC 8725 §3.11).
  const jwt = readForeignJwt(text, optionalType())
  if ('flaw' in jwt) throw invalidStatement(jwt.flaw)
  const { iss } = jwt.claims
  if (typeof iss !== 'string' || iss === '' || iss.length > MAX_ISSUER_LENGTH)
    throw invalidStatement('must have an iss')
  const issuer = await softwareStatementIssuers.find(organisationId, iss)
  if (!issuer) throw unapprovedStatement(`has an issuer that is not trusted: ${iss.slice(0, 200)}`)

  const verifiedClaims = await clientKeys.verify(text, issuer, signingAlgorithms)
  if (!verifiedClaims) throw invalidStatement('is expired, not valid yet, or not signed by a key of its issuer')
  const { aud } = verifiedClaims
  if (aud !== undefined && ![aud].flat().includes(serverIssuer))
    throw invalidStatement('has an aud that is not this server')

  const claims = Object.fromEntries(
    Object.entries(verifiedClaims).filter(([name, value]) => !jwtClaimNames.has(name) && value !== null),
  )
  const { scope, software_id: softwareId } = claims
  const excessScopes =
    typeof scope === 'string' ? parseScope(scope)?.filter((name) => !issuer.scopes.includes(name)) : []
  if (!excessScopes || excessScopes.length > 0)
    throw unapprovedStatement('grants a scope that its issuer may not grant')
  return { text, issuer: iss, softwareId, scopes: issuer.scopes, claims }
}

/**
 * Checks that `next` may replace the statement that a client was registered with: same issuer and same software. Otherwise
 * a registration access token could turn the client into another application. Throws `invalid_software_statement` or
 * `unapproved_software_statement`.
 */
export function assertSameSoftware(registered: unknown, next: SoftwareStatement | undefined): void {
  const read = typeof registered === 'string' ? readForeignJwt(registered) : undefined
  if (!read || 'flaw' in read) return
  const { iss, software_id: softwareId } = read.claims
  if (!next) throw invalidStatement('is required: the client was registered with one')
  if (next.issuer !== iss)
    throw unapprovedStatement('has another issuer than the one that the client was registered with')
  if (next.softwareId !== (softwareId ?? undefined)) {
    throw unapprovedStatement('has another software_id than the one that the client was registered with')
  }
}

/** The metadata with the claims of the statement, which override them (§2.3). */
export function applyStatement(
  wire: Readonly<Record<string, unknown>>,
  { claims }: SoftwareStatement,
): Record<string, unknown> {
  // A localised member would show users another name than the verified one.
  const own = Object.entries(wire).filter(([name]) => !Object.hasOwn(claims, name.split('#')[0] ?? ''))
  return { ...Object.fromEntries(own), ...claims }
}

/** The error of an organisation that requires a statement. */
export function missingStatement(): OAuthError {
  return invalidStatement('is required')
}

/** A client that registers itself needs a software statement for client_credentials. Throws `invalid_client_metadata`. */
export function rejectClientCredentialsGrant(
  { grantTypes }: NewClient,
  statement: SoftwareStatement | undefined,
): void {
  if (statement?.claims['grant_types'] !== undefined || !grantTypes?.includes('client_credentials')) return
  throw new OAuthError(
    'invalid_client_metadata',
    'grant_types must not contain client_credentials without a software statement that allows it.',
  )
}

function statementOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'software_statement' in body ? body.software_statement : undefined
}

function invalidStatement(what: string): OAuthError {
  return new OAuthError('invalid_software_statement', `software_statement ${what}.`)
}

function unapprovedStatement(what: string): OAuthError {
  return new OAuthError('unapproved_software_statement', `software_statement ${what}.`)
}
