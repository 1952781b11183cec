import { type ApiRequest, jsonBody } from '../transport/request.ts'

const POLICY_PATH = '/v1/admin/registration-policy'
const TOKENS_PATH = '/v1/admin/initial-access-tokens'
const ISSUERS_PATH = '/v1/admin/software-statement-issuers'

/** An item of a registration list, as the server returns it. */
type Item = Readonly<Record<string, unknown>>

export interface RegistrationPolicyChange {
  policy: string
  profile?: string
  softwareStatementRequired?: boolean
  clientIdMetadataDocuments?: string
  clientIdMetadataHosts?: string[]
  clientIdMetadataScopes?: string[]
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

export const getRegistrationPolicy = (): ApiRequest<Item> => ({ method: 'GET', path: POLICY_PATH })

export const setRegistrationPolicy = (change: RegistrationPolicyChange): ApiRequest<Item> => ({
  ...jsonBody(change),
  method: 'PUT',
  path: POLICY_PATH,
})

export const listInitialAccessTokens = (): ApiRequest<{ data: Item[] }> => ({ method: 'GET', path: TOKENS_PATH })

export const createInitialAccessToken = (settings: InitialAccessTokenSettings): ApiRequest<Item> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: TOKENS_PATH,
})

export const deleteInitialAccessToken = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: `${TOKENS_PATH}/${encodeURIComponent(id)}`,
})

export const listSoftwareStatementIssuers = (): ApiRequest<{ data: Item[] }> => ({ method: 'GET', path: ISSUERS_PATH })

export const addSoftwareStatementIssuer = (settings: unknown): ApiRequest<Item> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: ISSUERS_PATH,
})

export const replaceSoftwareStatementIssuer = (id: string, settings: unknown): ApiRequest<Item> => ({
  ...jsonBody(settings),
  method: 'PUT',
  path: `${ISSUERS_PATH}/${encodeURIComponent(id)}`,
})

export const removeSoftwareStatementIssuer = (id: string): ApiRequest => ({
  method: 'DELETE',
  path: `${ISSUERS_PATH}/${encodeURIComponent(id)}`,
})
