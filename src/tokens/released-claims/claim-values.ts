import { isOrganisationSource, shapesOfSource, type ClaimShape } from '../../model/clients/client-claim.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { HeldRole, OrganisationAccess } from '../../model/permissions/organisation-access.ts'
import type { UserAttributes } from '../../model/users/user-attribute.ts'
import type { User } from '../../model/users/user.ts'
import { userClaims } from '../user-claims.ts'
import { limitClaims } from './claim-limit.ts'
import { rulesFor, type ClaimRequestContext, type ClaimRule, type RuleClient } from './claim-rules.ts'

/** The client and the user whose claims are released. */
export interface ClaimSubject {
  client: ClaimClient
  access: OrganisationAccess
  /** Undefined where no rule needs it (`needsUser`). */
  user: User | undefined
}

export type ClaimClient = RuleClient &
  Pick<RegisteredClient, 'maxClaimBytes' | 'organisationId'> & {
    organisation: Pick<RegisteredClient['organisation'], 'slug' | 'name'>
  }

/** The claims at userinfo: its own, and those that were left out of a token because of its limit. */
export function claimsAtUserinfo(subject: ClaimSubject, context: ClaimRequestContext): Record<string, unknown> {
  const { client } = subject
  const claims = releasedClaims(rulesFor(client, 'userinfo', context), subject)
  for (const place of ['access_token', 'id_token'] as const) {
    const whole = releasedClaims(rulesFor(client, place, context), subject)
    for (const name of limitClaims(whole, client.maxClaimBytes).omitted) claims[name] ??= whole[name]
  }
  return claims
}

/** The claims of these rules, whatever their size. */
export function releasedClaims(rules: readonly ClaimRule[], subject: ClaimSubject): Record<string, unknown> {
  const claims: Record<string, unknown> = {}
  for (const rule of rules) {
    const value = claimValue(rule, subject)
    if (value !== undefined) claims[rule.name] = value
  }
  return claims
}

/** The value of a rule; undefined where the user has none. */
export function claimValue(rule: ClaimRule, { client, access, user }: ClaimSubject): unknown {
  const { source, value, attribute, prefix = '' } = rule
  if (source === 'constant') return value
  if (source === 'attribute') return attribute === undefined ? undefined : valueOf(access.attributes, attribute)
  if (!isOrganisationSource(source)) return user && userClaims(user, [source])[source]
  const shape = rule.shape ?? shapesOfSource[source][0]
  const { slug: organisation, name } = client.organisation
  switch (source) {
    case 'roles':
      return distinct(rolesOf(rule, access, shape).map((role) => shapedRole(role, shape, organisation, prefix)))
    case 'groups':
      return access.groups.map((group) => shaped(group, shape, `${organisation}/${group.slug}`, prefix))
    case 'permissions':
      return permissionsOf(access).map((slug) => (shape === 'object' ? { name: slug, slug } : prefix + slug))
    case 'organisation':
      return shaped({ id: client.organisationId, slug: organisation, name }, shape, organisation, prefix)
  }
}

/**
 * The roles that a claim shows. A plain slug or name would claim a role in the whole organisation, so a role that is limited
 * to a team needs a shape that names the team. The objects of first-party clients have the members slug and name alone.
 */
function rolesOf({ origin }: ClaimRule, { roles }: OrganisationAccess, shape: ClaimShape): HeldRole[] {
  const inOrganisation = roles.filter(({ team }) => team === null)
  if (origin === 'first_party') return inOrganisation.map((role) => ({ ...role, expiresAt: null }))
  return isTeamShape(shape) ? roles : inOrganisation
}

const isTeamShape = (shape: ClaimShape | undefined) => shape === 'object' || shape === 'path'

/** Whether a rule shows roles that are limited to a team. */
export function showsTeamRoles({ source, shape, origin }: ClaimRule): boolean {
  return source === 'roles' && origin !== 'first_party' && isTeamShape(shape)
}

function shapedRole(
  { slug, name, team, expiresAt }: HeldRole,
  shape: ClaimShape,
  organisation: string,
  prefix: string,
) {
  const item = { slug, name, ...(team && { team }), ...(expiresAt !== null && { expires_at: expiresAt }) }
  return shaped(item, shape, [organisation, ...(team ? [team.slug] : []), slug].join('/'), prefix)
}

function shaped<Item extends { slug: string; name: string }>(
  item: Item,
  shape: ClaimShape,
  path: string,
  prefix: string,
): string | Item {
  if (shape === 'object') return item
  return prefix + (shape === 'path' ? path : item[shape])
}

/** A name such as `constructor` may be that of an attribute. */
const valueOf = (attributes: UserAttributes, name: string) =>
  Object.hasOwn(attributes, name) ? attributes[name] : undefined

/** Two roles may have the same name. */
const distinct = <Value>(values: readonly Value[]) => [...new Set(values)]

/** The permissions of the roles that count in the whole organisation. */
function permissionsOf({ roles }: OrganisationAccess): string[] {
  const held = roles.filter(({ team }) => team === null).flatMap(({ permissions }) => permissions)
  return distinct(held).sort()
}
