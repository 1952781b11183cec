/** Seconds before its end in which an access token counts as expired, so that it is replaced in time. */
const MARGIN = 300

/** Keeps the tokens in memory and replaces them before they expire. */
export class TokenManager {
  #oauth2
  #changed
  /** @type {import('./oauth2-client.js').TokenResponse | undefined} */
  #tokens
  #expiresAt = 0
  #timer

  /**
   * @param {import('./oauth2-client.js').OAuth2Client} oauth2
   * @param {(what: 'refreshed' | 'lost', error?: unknown) => void} changed
   */
  constructor(oauth2, changed) {
    this.#oauth2 = oauth2
    this.#changed = changed
  }

  setTokens(tokens) {
    this.#tokens = tokens
    this.#expiresAt = Date.now() + tokens.expires_in * 1000
    clearTimeout(this.#timer)
    const delay = this.#expiresAt - MARGIN * 1000 - Date.now()
    if (tokens.refresh_token && delay > 0) this.#timer = setTimeout(() => void this.refresh(), delay)
  }

  getAccessToken() {
    if (!this.#tokens || Date.now() >= this.#expiresAt - MARGIN * 1000) return null
    return this.#tokens.access_token
  }

  getRefreshToken() {
    return this.#tokens?.refresh_token ?? null
  }

  async refresh() {
    const refreshToken = this.getRefreshToken()
    if (refreshToken === null) return
    try {
      this.setTokens(await this.#oauth2.refreshToken(refreshToken))
      this.#changed('refreshed')
    } catch (error) {
      this.clear()
      this.#changed('lost', error)
    }
  }

  clear() {
    clearTimeout(this.#timer)
    this.#tokens = undefined
    this.#expiresAt = 0
  }
}
