import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'

const ORGANISATION_PATH = '/v1/admin/organisation'
const ORGANISATIONS_PATH = '/v1/organisations'

/** What new passwords must have. */
export interface PasswordPolicy {
  minLength: number
  requireUppercase: boolean
  requireLowercase: boolean
  requireNumbers: boolean
  requireSymbols: boolean
}

/** The weakest sign-in that clients get, and seconds after which what reaches a level must be proven again. */
export interface AuthenticationPolicy {
  minimumAcr: 'pwd' | 'mfa' | 'phr' | 'phrh'
  pwdMaxAge: number | null
  mfaMaxAge: number | null
  phrMaxAge: number | null
  phrhMaxAge: number | null
}

/** The settings of an organisation. Times are ISO 8601, lifetimes are seconds. */
export interface Organisation {
  id: string
  slug: string
  status: string
  /** Whether it operates the server. */
  isOperator: boolean
  ownerId: string | null
  name: string
  email: string | null
  phone: string | null
  website: string | null
  allowedCallbackUrls: string[]
  allowedLogoutUrls: string[]
  allowedOrigins: string[]
  sessionLifetime: number
  sessionIdleTimeout: number
  /** Null: users cannot choose to stay signed in. */
  staySignedInLifetime: number | null
  auditTokens: boolean
  requireMfa: boolean
  offerPasskeys: boolean
  allowedMfaMethods: string[]
  authenticationPolicy: AuthenticationPolicy
  passwordPolicy: PasswordPolicy
  /** Null: the default of the server. */
  auditRetentionDays: number | null
  tokenLifetimePolicy: { accessToken: number | null; refreshToken: number | null; idToken: number | null }
  branding: { logoUrl: string | null; primaryColor: string | null; faviconUrl: string | null }
  metadata: Record<string, unknown>
  createdAt: string
  updatedAt: string
}

/** An organisation as administrators of the operator's organisation see it. */
export interface SystemOrganisation extends Organisation {
  statusReason: string | null
  deletedAt: string | null
  /** When its rows are deleted. */
  purgedAfter: string | null
}

/** `ownerPassword` is in this response only; null if the password was given. */
export interface CreatedOrganisation extends SystemOrganisation {
  owner: { id: string; email: string; name: string }
  ownerPassword: string | null
}

export const getOrganisation = (): ApiRequest<Organisation> => ({ method: 'GET', path: ORGANISATION_PATH })

/** Null resets a member to its default. */
export const updateOrganisation = (changes: unknown): ApiRequest<Organisation> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: ORGANISATION_PATH,
})

/** Only for an owner; `slug` is that of the organisation, as a confirmation. */
export const deleteOrganisation = (slug: string): ApiRequest => ({
  method: 'DELETE',
  path: withQuery(ORGANISATION_PATH, { confirmDomain: slug }),
})

function systemPath(id: string): string {
  return `/v1/system/organisations/${encodeURIComponent(id)}`
}

export const listOrganisations = (query: Query = {}): ApiRequest<Page<SystemOrganisation>> => ({
  method: 'GET',
  path: withQuery(ORGANISATIONS_PATH, query),
})

export const createOrganisation = (settings: unknown): ApiRequest<CreatedOrganisation> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: ORGANISATIONS_PATH,
})

export const getSystemOrganisation = (id: string): ApiRequest<SystemOrganisation> => ({
  method: 'GET',
  path: systemPath(id),
})

/** Also suspends and activates, by the member status. */
export const updateSystemOrganisation = (id: string, changes: unknown): ApiRequest<SystemOrganisation> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: systemPath(id),
})

/** Makes another user the owner in the place of the caller. `confirm` is the slug of the organisation. */
export const transferOwnership = (transfer: { userId: string; confirm: string }): ApiRequest<{ message: string }> => ({
  ...jsonBody(transfer),
  method: 'POST',
  path: `${ORGANISATION_PATH}/transfer-ownership`,
})

/** `slug` is that of the organisation, as a confirmation. */
export const deleteSystemOrganisation = (id: string, slug: string): ApiRequest => ({
  method: 'DELETE',
  path: withQuery(systemPath(id), { confirmDomain: slug }),
})

export const restoreSystemOrganisation = (id: string): ApiRequest<SystemOrganisation> => ({
  method: 'POST',
  path: `${systemPath(id)}/restore`,
})

/** An onboarding token, without its value. */
export interface OnboardingToken {
  id: string
  email: string
  createdBy: string | null
  expiresAt: string
  consumedAt: string | null
  /** The organisation that was created with it. */
  organisationId: string | null
  createdAt: string
}

const ONBOARDING_TOKENS_PATH = '/v1/system/onboarding-tokens'

export const listOnboardingTokens = (query: Query = {}): ApiRequest<Page<OnboardingToken>> => ({
  method: 'GET',
  path: withQuery(ONBOARDING_TOKENS_PATH, query),
})

/** `token` is in this response only. */
export const createOnboardingToken = (settings: unknown): ApiRequest<OnboardingToken & { token: string }> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: ONBOARDING_TOKENS_PATH,
})

export const deleteOnboardingToken = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: `${ONBOARDING_TOKENS_PATH}/${encodeURIComponent(id)}`,
})
