/** Calls an API with the access token; one that is refused is replaced once, and the call repeated. */
export class ApiClient {
  #baseUrl
  #tokens

  /** @param {import('./token-manager.js').TokenManager} tokens */
  constructor(baseUrl, tokens) {
    this.#baseUrl = baseUrl
    this.#tokens = tokens
  }

  async fetch(path, options = {}) {
    const response = await this.#send(path, options)
    if (response.status !== 401) return response
    await this.#tokens.refresh()
    return this.#tokens.getAccessToken() === null ? response : this.#send(path, options)
  }

  #send(path, options) {
    const accessToken = this.#tokens.getAccessToken()
    if (accessToken === null) throw new Error('The user is not logged in.')
    return fetch(`${this.#baseUrl}${path}`, {
      ...options,
      headers: { ...options.headers, Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
    })
  }
}
