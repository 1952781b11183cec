import { responseRef, type Operation, type Responses } from './operation.ts'

/** HTTP Basic authentication, or credentials in the form. */
export const clientSecurity: NonNullable<Operation['security']> = [{ clientSecretBasic: [] }, {}]

/** The errors of every endpoint that authenticates clients. */
export const oauthErrorResponses: Responses = {
  400: responseRef('OAuthBadRequest'),
  401: responseRef('InvalidClient'),
  429: responseRef('OAuthTooManyRequests'),
  503: responseRef('OAuthUnavailable'),
}
