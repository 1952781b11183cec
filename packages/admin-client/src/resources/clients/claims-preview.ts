import { type ApiRequest, type Query, withQuery } from '../../transport/request.ts'
import { clientPath } from './clients.ts'
import type { RoleSummary } from '../directory/role-assignments.ts'
import type { TeamSummary } from '../directory/teams.ts'

/** Why a claim about the user is in a place. */
export interface ClaimReason {
  claim: string
  source: string
  /** Of the source `attribute`: the name of the attribute. */
  attribute: string | null
  /** `client`: its setting `claims`; `resource`: that of the resource; `scope`: a granted scope; `first_party`: the client is first-party. */
  rule: string
  scope: string | null
  /** Whether it is too large for the token, which has NAME_overflow instead. */
  overflows: boolean
  /** Of roles and permissions: where they come from. */
  assignments: {
    role: RoleSummary
    team: TeamSummary | null
    within: TeamSummary | null
    expiresAt: string | null
  }[]
}

export interface PlacePreview {
  claims: Record<string, unknown>
  reasons: ClaimReason[]
}

/** What a client would get for a user; a place is null without the scope openid. */
export interface ClaimsPreview {
  scope: string
  idToken: PlacePreview | null
  accessToken: PlacePreview
  userinfo: PlacePreview | null
  introspection: PlacePreview
}

/** Previews the claims of a user at a client; `query` has `userId` and optionally `scope` and `resource`. */
export const previewClientClaims = (id: string, query: Query): ApiRequest<ClaimsPreview> => ({
  method: 'GET',
  path: withQuery(clientPath(id, '/claims-preview'), query),
})
