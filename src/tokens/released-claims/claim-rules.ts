// `tokens/released-claims` decides which claims about a user a client receives, beside the standard claims of its scopes:
// the rules (`claim-rules.ts`), their values (`claim-values.ts`), what must be read for them (`access-reads.ts`), and the
// limit on their size (`claim-limit.ts`). Standard claims belong to `tokens/claims.ts`.

import {
  isOrganisationSource,
  organisationClaimSources,
  type ClaimPlace,
  type ClaimShape,
  type ClaimSource,
  type ClientClaim,
  type OrganisationClaimSource,
} from '../../model/clients/client-claim.ts'
import type { Client } from '../../model/clients/client.ts'
import type { RequestedClaims } from '../../model/grants/grant.ts'
import { isReservedClaim } from '../../oauth/reserved-claims.ts'
import { scopeOfClaim } from '../../oauth/scope.ts'

/** Why a claim is released: by the settings of the client or of a resource, by the scope of this name, or because the client is first-party. */
export type ClaimOrigin = 'client' | 'resource' | 'scope' | 'first_party'

export interface ClaimRule extends Readonly<ClientClaim> {
  origin: ClaimOrigin
}

export type RuleClient = Pick<Client, 'claims' | 'includeClaimsInIdToken' | 'isFirstParty'> & {
  /** Whether these are the claims of a resource. */
  isResource?: true
}

/**
 * All rules of a client. A claim that it configures replaces the defaults of its source. A name that a later release
 * reserved is left out.
 */
export function claimRulesOf(client: RuleClient): ClaimRule[] {
  const configured = new Set<ClaimSource>(client.claims.map(({ source }) => source))
  const defaults = organisationClaimSources.filter((source) => !configured.has(source))
  return [
    ...defaults.flatMap((source) => [...scopeRules(source, client), ...firstPartyRules(source, client)]),
    ...client.claims
      .filter(({ name }) => !isReservedClaim(name))
      .map((claim): ClaimRule => ({ ...claim, origin: client.isResource ? 'resource' : 'client' })),
  ]
}

/** OpenID Connect Core §5.4: a scope releases its claims at userinfo, and in ID tokens where the client wants them there. */
function scopeRules(source: OrganisationClaimSource, client: RuleClient): ClaimRule[] {
  const places: ClaimPlace[] = client.includeClaimsInIdToken ? ['userinfo', 'id_token'] : ['userinfo']
  return [{ source, name: source, in: places, scope: source, origin: 'scope' }]
}

/** The claims of first-party clients, which need no scope. */
function firstPartyRules(source: OrganisationClaimSource, client: RuleClient): ClaimRule[] {
  if (!client.isFirstParty || source === 'groups') return []
  const rule = (place: ClaimPlace, shape: ClaimShape): ClaimRule => ({
    source,
    name: source,
    in: [place],
    shape,
    origin: 'first_party',
  })
  return [rule('userinfo', 'object'), ...(source === 'roles' ? [rule('access_token', 'slug')] : [])]
}

/** For what a token is issued, or userinfo is read. */
export interface ClaimRequestContext {
  scopes: readonly string[]
  /** Claims that were granted by name (OpenID Connect Core §5.5). */
  requested: RequestedClaims | null
  /** Whether an ID token has the claims of scopes in any case: no access token is issued with it (§5.4). */
  isOnlyToken?: boolean
}

/** The rules that apply in one place, in the order in which a later one replaces an earlier one of the same name. */
export function rulesFor(client: RuleClient, place: ClaimPlace, context: ClaimRequestContext): ClaimRule[] {
  return claimRulesOf(client).filter((rule) => appliesTo(rule, place, context))
}

function appliesTo(rule: ClaimRule, place: ClaimPlace, { scopes, requested, isOnlyToken }: ClaimRequestContext) {
  const isInPlace = rule.in.includes(place) || (isOnlyToken === true && place === 'id_token' && rule.origin === 'scope')
  if (isInPlace && (rule.scope === undefined || scopes.includes(rule.scope))) return true
  const names = place === 'id_token' ? requested?.idToken : place === 'userinfo' ? requested?.userinfo : undefined
  return names !== undefined && names.includes(rule.name) && rule.scope === scopeOfClaim(rule.name)
}

/** Whether a rule has a standard claim of the user as its source. */
export function needsUser({ source }: ClaimRule): boolean {
  return source !== 'constant' && source !== 'attribute' && !isOrganisationSource(source)
}
