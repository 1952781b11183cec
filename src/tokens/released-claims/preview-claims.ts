import type { SubjectResolver } from '../../clients/subject-identifier.ts'
import type { ClaimPlace, ClaimSource } from '../../model/clients/client-claim.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { Grant } from '../../model/grants/grant.ts'
import type { OrganisationAccess } from '../../model/permissions/organisation-access.ts'
import type { RoleAssignment } from '../../model/permissions/role-assignment.ts'
import type { User } from '../../model/users/user.ts'
import { claimsOfScope, standardClaimNames } from '../../oauth/scope.ts'
import { unconstrained } from '../../oauth/sender-constraint.ts'
import { toIdentifiers, type NamedResources } from '../../clients/resources/named-resources.ts'
import { tokenTarget } from '../token-target.ts'
import { claimClientOf } from './resource-claims.ts'
import { accessTokenClaims, idTokenClaims } from '../claims.ts'
import { userClaims } from '../user-claims.ts'
import { limitClaims } from './claim-limit.ts'
import { rulesFor, type ClaimOrigin, type ClaimRequestContext, type ClaimRule } from './claim-rules.ts'
import { claimValue, claimsAtUserinfo, releasedClaims, showsTeamRoles, type ClaimSubject } from './claim-values.ts'

/** Why a claim is in a place. */
export interface ClaimReason {
  claim: string
  source: ClaimSource
  /** Of the source `attribute`: the name of the attribute. */
  attribute: string | null
  /** The settings of the client or of the resource, a scope, or that the client is first-party. */
  rule: ClaimOrigin
  /** The scope that released it. */
  scope: string | null
  /** Whether the token has only NAME_overflow, because the claim is too large. */
  overflows: boolean
  /** The assignments that a claim of roles or permissions comes from. */
  assignments: RoleAssignment[]
}

/** The claims of one place, and the reason of each that is about the user. */
export interface PlacePreview {
  claims: Record<string, unknown>
  reasons: ClaimReason[]
}

export interface ClaimsPreview {
  scopes: readonly string[]
  /** Null without the scope openid, like userinfo. */
  idToken: PlacePreview | null
  accessToken: PlacePreview
  userinfo: PlacePreview | null
  introspection: PlacePreview
}

export interface PreviewedUser {
  client: RegisteredClient
  user: User
  access: OrganisationAccess
  /** Those in effect. */
  assignments: readonly RoleAssignment[]
}

/** What a client would get for a user with these scopes, in an access token for `resources`. Nothing is issued: ids that a token would get are left out. */
export function previewClaims(
  { client, user, access, assignments }: PreviewedUser,
  scopes: readonly string[],
  options: { issuer: string; resolveSubject: SubjectResolver; now: Date; resources: NamedResources },
): ClaimsPreview {
  const { now, resources } = options
  const target = tokenTarget(scopes, {
    resources,
    granted: toIdentifiers(resources, options.issuer),
    issuer: options.issuer,
  })
  const subject: ClaimSubject = { client, access, user }
  const context: ClaimRequestContext = { scopes, requested: null }
  const authorization = {
    client,
    scopes,
    target,
    senderConstraint: unconstrained,
    userAuthorization: {
      grant: grantOf(client, user, scopes, now),
      subject: { userId: user.id, ...access },
      nonce: undefined,
    },
    refreshToken: undefined,
  }
  const { jti: _jti, grant_id: _grantId, ...accessToken } = accessTokenClaims(authorization, options, now)
  const isOpenId = scopes.includes('openid')
  const standardScopeNames = scopes.filter((scope) => claimsOfScope(scope).some((name) => isStandard(name)))
  const standard = userClaims(user, standardScopeNames.flatMap(claimsOfScope))
  const standardReasons = standardScopeNames.flatMap((scope) =>
    claimsOfScope(scope)
      .filter((name) => isStandard(name) && name in standard)
      .map((name): ClaimReason => ({ ...NO_DETAILS, claim: name, source: name as ClaimSource, rule: 'scope', scope })),
  )

  // The claims of an access token and its introspection are those of its resource.
  const tokenClient = target?.resources.length ? claimClientOf(target.resources, client) : client
  const tokenContext = target ? { scopes: target.scopes, requested: null } : context
  const rulesIn = (place: ClaimPlace) =>
    place === 'access_token' || place === 'introspection'
      ? rulesFor(tokenClient, place, tokenContext)
      : rulesFor(client, place, context)
  const reasonsIn = (place: ClaimPlace, omitted: readonly string[] = []): ClaimReason[] => {
    // A later rule of the same name replaces an earlier one.
    const rules = rulesIn(place).filter((rule) => claimValue(rule, subject) !== undefined)
    const last = new Map(rules.map((rule) => [rule.name, rule]))
    return [...last.values()].map((rule) => reasonOf(rule, assignments, omitted.includes(rule.name)))
  }
  const inToken = (place: 'id_token' | 'access_token', claims: Record<string, unknown>): PlacePreview => {
    const limited = limitClaims(
      releasedClaims(rulesIn(place), subject),
      (place === 'access_token' ? tokenClient : client).maxClaimBytes,
    )
    return { claims: { ...claims, ...limited.claims }, reasons: reasonsIn(place, limited.omitted) }
  }

  const access_token = inToken('access_token', accessToken)
  const idTokenStandard = client.includeClaimsInIdToken ? standard : {}
  const id_token = inToken('id_token', { ...idTokenClaims(authorization, options, now), ...idTokenStandard })
  if (client.includeClaimsInIdToken) id_token.reasons.unshift(...standardReasons)
  const ownReasons = reasonsIn('userinfo')
  const overflowing = [...access_token.reasons, ...id_token.reasons]
    .filter(({ claim, overflows }) => overflows && !ownReasons.some((reason) => reason.claim === claim))
    .map((reason) => ({ ...reason, overflows: false }))
  return {
    scopes,
    idToken: isOpenId ? id_token : null,
    accessToken: access_token,
    userinfo: isOpenId
      ? {
          claims: { sub: accessToken['sub'], ...standard, ...claimsAtUserinfo(subject, context) },
          reasons: [...standardReasons, ...ownReasons, ...overflowing],
        }
      : null,
    introspection: {
      claims: {
        active: true,
        ...access_token.claims,
        ...releasedClaims(rulesIn('introspection'), subject),
        username: user.email,
      },
      reasons: [...access_token.reasons, ...reasonsIn('introspection')],
    },
  }
}

const NO_DETAILS = { attribute: null, overflows: false, assignments: [] }

const isStandard = (name: string): boolean => standardClaimNames.some((standard) => standard === name)

function reasonOf(rule: ClaimRule, assignments: readonly RoleAssignment[], overflows: boolean): ClaimReason {
  const { name, source, attribute = null, origin, scope = null } = rule
  const isOfRoles = source === 'roles' || source === 'permissions'
  const shown = assignments.filter(({ within }) => within === null || (source === 'roles' && showsTeamRoles(rule)))
  return { claim: name, source, attribute, rule: origin, scope, overflows, assignments: isOfRoles ? shown : [] }
}

/** A grant as the user would give it now. */
function grantOf(client: RegisteredClient, user: User, scopes: readonly string[], now: Date): Grant {
  return {
    id: '',
    organisationId: client.organisationId,
    clientId: client.id,
    userId: user.id,
    sessionId: null,
    scopes: [...scopes],
    claims: null,
    resources: null,
    authTime: now,
    amr: ['pwd'],
    acr: 'pwd',
    offline: false,
    createdAt: now,
  }
}
