// `oauth` owns the vocabulary of the protocol: errors, parameters, scopes, PKCE, redirect URIs, response types.
// It has pure functions and values only: no I/O, no storage, no HTTP library.
// Endpoints and flows belong to `authorize`, `grants`, `tokens` and `logout`.

import { excerpt } from '../lib/text/excerpt.ts'

/**
 * The error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 8707 §2, RFC 9449
 * §5, §7.1 and §8, OpenID Connect Core §3.1.2.6, and OpenID Connect Core Unmet Authentication Requirements.
 */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'unsupported_token_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'login_required'
  | 'consent_required'
  | 'interaction_required'
  | 'account_selection_required'
  | 'unmet_authentication_requirements'
  | 'invalid_request_object'
  | 'invalid_request_uri'
  | 'registration_not_supported'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  // The codes of the error page. They are never sent to a redirect URI.
  | 'redirect_uri_mismatch'
  | 'unknown_client'
  | 'cookies_blocked'
  | 'already_completed'

/** A description that quotes the request stays short: it may be sent in the query of a redirect. */
const MAX_DESCRIPTION_LENGTH = 800

/**
 * An OAuth error. `description` is public; `reason` is for the log only. `challenge` is the value of the header
 * `WWW-Authenticate`, and `nonce` that of `DPoP-Nonce` (RFC 9449 §8).
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly description: string
  readonly status: number
  readonly reason: string | undefined
  readonly challenge: string | undefined
  readonly nonce: string | undefined

  constructor(
    code: OAuthErrorCode,
    description: string,
    options: { status?: number; reason?: string; challenge?: string; nonce?: string } = {},
  ) {
    super(`${code}: ${description}`)
    this.code = code
    this.description = sanitizeErrorDescription(excerpt(description, MAX_DESCRIPTION_LENGTH))
    this.status = options.status ?? 400
    this.reason = options.reason
    this.challenge = options.challenge
    this.nonce = options.nonce
  }
}

/** Only the characters that RFC 6749 §5.2 allows in `error_description`: %x20-21, %x23-5B, %x5D-7E. */
export function sanitizeErrorDescription(text: string): string {
  return text.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, (character) => (character === '"' ? "'" : '?'))
}
