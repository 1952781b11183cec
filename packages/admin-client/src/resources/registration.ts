import { type ApiRequest, jsonBody } from '../transport/request.ts'

const POLICY_PATH = '/v1/admin/registration-policy'
const TOKENS_PATH = '/v1/admin/initial-access-tokens'
const ISSUERS_PATH = '/v1/admin/software-statement-issuers'

/** Which clients may register themselves, and with which limits. */
export interface RegistrationPolicy {
  policy: 'closed' | 'token' | 'open'
  /** The profile of clients that register themselves. */
  profile: 'openid' | 'oauth2.1' | 'fapi1-advanced' | 'fapi2-security' | 'fapi2-message-signing'
  softwareStatementRequired: boolean
  /** Whether a client_id may be the URL of a metadata document. */
  clientIdMetadataDocuments: 'off' | 'hosts' | 'any'
  clientIdMetadataHosts: string[]
  clientIdMetadataScopes: string[]
}

/** Members that are left out stay unchanged. Names are text here: the server says which values it accepts. */
export interface RegistrationPolicyChange {
  policy: string
  profile?: string
  softwareStatementRequired?: boolean
  clientIdMetadataDocuments?: string
  clientIdMetadataHosts?: string[]
  clientIdMetadataScopes?: string[]
}

/** An initial access token, without its value. Times are ISO 8601. */
export interface InitialAccessToken {
  id: string
  name: string
  /** The user who created it; null: a client acting for itself. */
  userId: string | null
  /** The client_id of the client that created it, if one did. */
  actingClientId: string | null
  usesLeft: number
  scopes: string[]
  expiresAt: string
  lastUsedAt: string | null
  createdAt: string
}

/** A token right after it was created. Its value is in this response only. */
export interface NewInitialAccessToken extends InitialAccessToken {
  token: string
}

export interface InitialAccessTokenSettings {
  name: string
  /** Number of clients that can be registered with the token. */
  uses?: number
  /** Seconds. */
  expiresIn?: number
  /** The scopes that its clients may have at most. */
  scopes?: string[]
}

/** A trusted issuer of software statements. */
export interface SoftwareStatementIssuer {
  id: string
  issuer: string
  jwks: Record<string, unknown> | null
  jwksUri: string | null
  scopes: string[]
  createdAt: string
  updatedAt: string
}

export const getRegistrationPolicy = (): ApiRequest<RegistrationPolicy> => ({ method: 'GET', path: POLICY_PATH })

export const setRegistrationPolicy = (change: RegistrationPolicyChange): ApiRequest<RegistrationPolicy> => ({
  ...jsonBody(change),
  method: 'PUT',
  path: POLICY_PATH,
})

export const listInitialAccessTokens = (): ApiRequest<{ data: InitialAccessToken[] }> => ({
  method: 'GET',
  path: TOKENS_PATH,
})

export const createInitialAccessToken = (settings: InitialAccessTokenSettings): ApiRequest<NewInitialAccessToken> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: TOKENS_PATH,
})

export const deleteInitialAccessToken = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: `${TOKENS_PATH}/${encodeURIComponent(id)}`,
})

export const listSoftwareStatementIssuers = (): ApiRequest<{ data: SoftwareStatementIssuer[] }> => ({
  method: 'GET',
  path: ISSUERS_PATH,
})

export const addSoftwareStatementIssuer = (settings: unknown): ApiRequest<SoftwareStatementIssuer> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: ISSUERS_PATH,
})

export const replaceSoftwareStatementIssuer = (id: string, settings: unknown): ApiRequest<SoftwareStatementIssuer> => ({
  ...jsonBody(settings),
  method: 'PUT',
  path: `${ISSUERS_PATH}/${encodeURIComponent(id)}`,
})

export const removeSoftwareStatementIssuer = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: `${ISSUERS_PATH}/${encodeURIComponent(id)}`,
})
