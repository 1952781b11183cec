/**
 * The authorization code flow with PKCE for a page without a server of its own: everything that an application sends
 * to the authorization server, without the use of the responses.
 *
 * @typedef {{ access_token: string, token_type: string, expires_in: number, refresh_token?: string,
 *   id_token?: string, scope: string }} TokenResponse
 */

const STATE = 'oauth_state'
const VERIFIER = 'oauth_code_verifier'

export class OAuth2Client {
  #issuer
  #clientId
  #redirectUri

  constructor(issuer, clientId, redirectUri) {
    this.#issuer = issuer
    this.#clientId = clientId
    this.#redirectUri = redirectUri
  }

  /** Leaves the page. */
  async authorize(scopes = ['openid', 'profile', 'email'], more = {}) {
    const verifier = random(32)
    const state = random(16)
    sessionStorage.setItem(VERIFIER, verifier)
    sessionStorage.setItem(STATE, state)
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: this.#clientId,
      redirect_uri: this.#redirectUri,
      scope: scopes.join(' '),
      state,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: 'S256',
      ...more,
    })
    window.location.href = `${this.#issuer}/oauth2/authorize?${query}`
  }

  /**
   * Exchanges the code in the address of the page.
   * @returns {Promise<TokenResponse>}
   */
  async handleCallback() {
    const answer = new URLSearchParams(window.location.search)
    const error = answer.get('error')
    if (error) throw new Error(`${error}: ${answer.get('error_description')}`)
    if (answer.get('state') !== sessionStorage.getItem(STATE)) throw new Error('This answer is to another question.')
    const tokens = await this.#token({
      grant_type: 'authorization_code',
      code: answer.get('code') ?? '',
      redirect_uri: this.#redirectUri,
      client_id: this.#clientId,
      code_verifier: sessionStorage.getItem(VERIFIER) ?? '',
    })
    sessionStorage.removeItem(VERIFIER)
    sessionStorage.removeItem(STATE)
    return tokens
  }

  /** @returns {Promise<TokenResponse>} */
  refreshToken(refreshToken) {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: this.#clientId })
  }

  async getUserInfo(accessToken) {
    const response = await fetch(`${this.#issuer}/oauth2/userinfo`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    })
    if (!response.ok) throw new Error(`No user info: ${response.status}`)
    return response.json()
  }

  async revokeToken(token, hint = 'refresh_token') {
    const response = await this.#post('/oauth2/revoke', { token, token_type_hint: hint, client_id: this.#clientId })
    if (!response.ok) throw new Error(`Not revoked: ${response.status}`)
  }

  async #token(form) {
    const response = await this.#post('/oauth2/token', form)
    const body = await response.json()
    if (!response.ok) throw new Error(`${body.error}: ${body.error_description}`)
    return body
  }

  #post(path, form) {
    return fetch(`${this.#issuer}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form),
    })
  }
}

function random(bytes) {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)))
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
