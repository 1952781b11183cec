import { type ApiRequest, jsonBody } from '../transport/request.ts'

const ORGANISATION_PATH = '/v1/admin/organisation'

/** What new passwords must have. */
export interface PasswordPolicy {
  minLength: number
  requireUppercase: boolean
  requireLowercase: boolean
  requireNumbers: boolean
  requireSymbols: boolean
}

/** The settings of an organisation. Times are ISO 8601, lifetimes are seconds. */
export interface Organisation {
  id: string
  slug: string
  status: string
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
  auditTokens: boolean
  requireMfa: boolean
  allowedMfaMethods: string[]
  passwordPolicy: PasswordPolicy
  /** Null: the default of the server. */
  tokenLifetimePolicy: { accessToken: number | null; refreshToken: number | null; idToken: number | null }
  branding: { logoUrl: string | null; primaryColor: string | null; faviconUrl: string | null }
  metadata: Record<string, unknown>
  createdAt: string
  updatedAt: string
}

export const getOrganisation = (): ApiRequest<Organisation> => ({ method: 'GET', path: ORGANISATION_PATH })

/** Null resets a member to its default. */
export const updateOrganisation = (changes: unknown): ApiRequest<Organisation> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: ORGANISATION_PATH,
})
