import type { LightMyRequestResponse } from 'fastify'
import { createHash, randomBytes } from 'node:crypto'
import { OWNER, type RegisteredTestClient, type TestApp } from './app.ts'
import type { Browser } from './browser.ts'

export const REDIRECT_URI = 'https://app.example.com/callback'

export interface Tokens {
  access_token: string
  token_type: string
  expires_in: number
  scope: string
  refresh_token: string
  id_token: string
}

export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** A client application that behaves correctly, unless a parameter overrides it. */
export function relyingParty(test: TestApp, client: RegisteredTestClient) {
  const { verifier, challenge } = pkce()

  const request = (more: Record<string, string | undefined> = {}): Record<string, string> => {
    const parameters = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      state: 'a-state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    }
    return Object.fromEntries(
      Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
  }
  const authorizeUrl = (more: Record<string, string | undefined> = {}): string =>
    `/oauth2/authorize?${new URLSearchParams(request(more))}`

  const post = (url: string, form: Record<string, string | undefined>, headers: Record<string, string> = {}) =>
    test.app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(
        Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })

  const credentials = (): Record<string, string> =>
    client.clientSecret === null
      ? {}
      : { authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}` }
  const identity = client.clientSecret === null ? { client_id: client.clientId } : {}

  /** Pushes the same request (RFC 9126). */
  const push = (more: Record<string, string | undefined> = {}, headers: Record<string, string> = {}) =>
    post('/oauth2/par', request(more), { ...credentials(), ...headers })

  return {
    verifier,
    challenge,
    request,
    authorizeUrl,
    post,
    push,
    /** The address of a browser that brings the reference to a pushed request. */
    async pushedUrl(more: Record<string, string | undefined> = {}): Promise<string> {
      const answer = await push(more)
      if (answer.statusCode !== 201) throw new Error(`Not pushed: ${answer.statusCode} ${answer.body}`)
      const { request_uri } = answer.json<{ request_uri: string }>()
      return `/oauth2/authorize?${new URLSearchParams({ client_id: client.clientId, request_uri })}`
    },
    /** Takes a browser through sign-in, where it is asked to, and answers the code. */
    async code(browser: Browser = test.browser(), more: Record<string, string | undefined> = {}): Promise<string> {
      await browser.get(authorizeUrl(more))
      if (browser.page.statusCode === 200) await browser.submit(OWNER, 'sign-in')
      if (browser.page.statusCode === 200) await browser.submit({}, 'allow')
      const code = browser.url.startsWith(REDIRECT_URI) ? browser.answer().get('code') : null
      if (code === null) throw new Error(`No code: ${browser.page.statusCode} ${browser.url}\n${browser.page.body}`)
      return code
    },
    exchange: (code: string, more: Record<string, string | undefined> = {}): Promise<LightMyRequestResponse> =>
      post(
        '/oauth2/token',
        {
          grant_type: 'authorization_code',
          code,
          redirect_uri: REDIRECT_URI,
          code_verifier: verifier,
          ...identity,
          ...more,
        },
        credentials(),
      ),
    refresh: (token: string, more: Record<string, string | undefined> = {}): Promise<LightMyRequestResponse> =>
      post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token, ...identity, ...more }, credentials()),
    revoke: (token: string, more: Record<string, string | undefined> = {}): Promise<LightMyRequestResponse> =>
      post('/oauth2/revoke', { token, ...identity, ...more }, credentials()),
    introspect: (token: string): Promise<LightMyRequestResponse> =>
      post('/oauth2/introspect', { token, ...identity }, credentials()),
    userinfo: (token: string): Promise<LightMyRequestResponse> =>
      test.app.inject({ method: 'GET', url: '/oauth2/userinfo', headers: { authorization: `Bearer ${token}` } }),
    /** The whole flow. */
    async tokens(browser: Browser = test.browser(), more: Record<string, string | undefined> = {}): Promise<Tokens> {
      const code = await this.code(browser, more)
      const answer = await this.exchange(code)
      if (answer.statusCode !== 200) throw new Error(`No tokens: ${answer.statusCode} ${answer.body}`)
      return answer.json<Tokens>()
    },
  }
}
