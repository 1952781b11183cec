import type { ClaimPlace } from '../../model/clients/client-claim.ts'
import { attributeRead, type AccessRead } from '../../model/permissions/organisation-access.ts'
import { organisationScopes } from '../../oauth/scope.ts'
import { claimRulesOf, type ClaimRule, type RuleClient } from './claim-rules.ts'

const parts = ['roles', 'permissions', 'groups'] as const

/** Whether a rule needs to know the roles, the teams or the attributes of the user. */
export function needsAccess({ source }: ClaimRule): boolean {
  return source === 'attribute' || parts.some((part) => part === source)
}

/** What the claims of a client in these places need to know about the user, for the statement that reads it. */
export function accessReads(client: RuleClient | undefined, places: readonly ClaimPlace[]): AccessRead[] {
  if (!client) return []
  const rules = claimRulesOf(client).filter((rule) => rule.in.some((place) => places.includes(place)))
  const isByScope = (scope: string | undefined) => scope !== undefined && Object.hasOwn(organisationScopes, scope)
  // A rule with a scope of another name is read in any case: the statement knows the scopes of these names only.
  const always = rules.filter(({ source, scope }) => !(isByScope(scope) && scope === source))
  const attributes = rules.flatMap(({ attribute }) => (attribute === undefined ? [] : [attributeRead(attribute)]))
  const reads: AccessRead[] = [
    ...parts.filter((part) => always.some(({ source }) => source === part)),
    ...new Set(attributes),
  ]
  return always.length < rules.length ? [...reads, 'scopes'] : reads
}

/** The places of the tokens that a code or a refresh token is exchanged for. */
export const TOKEN_PLACES = ['id_token', 'access_token'] as const
/** Userinfo also returns what a token was too small for. */
export const USERINFO_PLACES = ['userinfo', ...TOKEN_PLACES] as const
export const INTROSPECTION_PLACES = ['introspection'] as const

/** What the statement that redeems a code or a refresh token reads, with that for the resources that the request names. */
export function tokenAccessReads(
  client: RuleClient,
  named: readonly { claims: RuleClient['claims'] }[] | undefined,
): AccessRead[] {
  const reads = accessReads(client, TOKEN_PLACES)
  if (!named?.length) return reads
  const rules = { claims: named.flatMap(({ claims }) => claims), includeClaimsInIdToken: false, isFirstParty: false }
  return [...new Set([...reads, ...accessReads(rules, ['access_token'])])]
}
