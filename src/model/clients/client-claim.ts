import { organisationScopes, standardClaimNames } from '../../oauth/scope.ts'

/** What a user is in the organisation, as a source of claims. Each is also the name of a scope. */
export type OrganisationClaimSource = keyof typeof organisationScopes
export const organisationClaimSources = Object.keys(organisationScopes) as OrganisationClaimSource[]

/**
 * Where a claim comes from: the organisation, an attribute that it defines for its users, a fixed value, or a standard claim
 * of the user (OpenID Connect Core §5.1).
 */
export const claimSources = [...organisationClaimSources, 'attribute', 'constant', ...standardClaimNames] as const
export type ClaimSource = (typeof claimSources)[number]

export const claimPlaces = ['id_token', 'access_token', 'userinfo', 'introspection'] as const
export type ClaimPlace = (typeof claimPlaces)[number]

/** How a source of the organisation is written. `path` begins with the slug of the organisation. */
export const claimShapes = ['slug', 'name', 'path', 'object'] as const
export type ClaimShape = (typeof claimShapes)[number]

/** The shapes of each source, its default first. */
export const shapesOfSource: Readonly<Record<OrganisationClaimSource, readonly [ClaimShape, ...ClaimShape[]]>> = {
  roles: ['slug', 'name', 'path', 'object'],
  groups: ['slug', 'name', 'path', 'object'],
  permissions: ['slug', 'object'],
  organisation: ['object', 'slug', 'name'],
}

/** A claim that a client has configured. */
export interface ClientClaim {
  source: ClaimSource
  name: string
  in: ClaimPlace[]
  shape?: ClaimShape | undefined
  /** Stands before each text. */
  prefix?: string | undefined
  /** The scope that the claim needs. Undefined: every token has it. */
  scope?: string | undefined
  /** Of the source `attribute`: the name of the attribute, which need not be defined. */
  attribute?: string | undefined
  /** Of the source `constant`. */
  value?: unknown
}

export function isOrganisationSource(source: ClaimSource): source is OrganisationClaimSource {
  return Object.hasOwn(shapesOfSource, source)
}
