import { Issuer } from 'openid-client-5'
import * as openid6 from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWNER } from '../support/app.ts'
import { openidClient5Routes } from '../support/example-app/openid-client-5.ts'
import { discover, openidClient6Routes } from '../support/example-app/openid-client-6.ts'
import { startWebApplication, type Registration, type WebApplication } from '../support/example-app/web-application.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { createJourneyBrowser } from '../support/journey-browser.ts'

let server: JourneyServer
beforeAll(async () => {
  server = await startJourneyServer()
})
afterAll(() => server.close())

/** The library calls of the tests, in addition to those of the application. */
interface Library {
  refresh(token: string): Promise<{ access_token?: string; refresh_token?: string }>
  introspect(token: string): Promise<{ active: boolean }>
  endSessionUrl(idToken: string): string
}

const libraries = [
  {
    name: 'openid-client 5',
    routes: openidClient5Routes,
    async open({ issuer, clientId, clientSecret, redirectUri }: Registration): Promise<Library> {
      const { Client } = await Issuer.discover(issuer)
      const client = new Client({ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] })
      return {
        refresh: (token) => client.refresh(token),
        introspect: (token) => client.introspect(token),
        endSessionUrl: (idToken) => client.endSessionUrl({ id_token_hint: idToken }),
      }
    },
  },
  {
    name: 'openid-client 6',
    routes: openidClient6Routes,
    async open(registration: Registration): Promise<Library> {
      const configuration = await discover(registration)
      return {
        refresh: (token) => openid6.refreshTokenGrant(configuration, token),
        introspect: (token) => openid6.tokenIntrospection(configuration, token),
        endSessionUrl: (idToken) => openid6.buildEndSessionUrl(configuration, { id_token_hint: idToken }).href,
      }
    },
  },
]

describe.each(libraries)('A web application with a secret, over $name', ({ routes, open }) => {
  let application: WebApplication
  let registration: Registration
  beforeAll(async () => {
    const register = async (redirectUri: string) => {
      const client = await server.registerClient({
        name: 'Shop',
        clientType: 'confidential',
        redirectUris: [redirectUri],
        scopes: ['openid', 'profile', 'email'],
        requireConsent: true,
      })
      const { clientId, clientSecret } = client
      if (clientSecret === null) throw new Error('A confidential client got no secret.')
      registration = { issuer: server.issuer, clientId, clientSecret, redirectUri }
      return registration
    }
    application = await startWebApplication(register, routes)
  })
  afterAll(() => application.close())

  it('signs a user in, shows their name, and signs them out', async () => {
    const visitor = createJourneyBrowser()
    await visitor.get(`${application.origin}/dashboard`)
    expect(new URL(visitor.url).origin).toBe(server.issuer)
    await visitor.submit({ ...OWNER, action: 'sign-in' })
    await visitor.submit({ action: 'allow' })
    expect(visitor.url).toBe(`${application.origin}/dashboard`)
    expect(visitor.body).toBe('Welcome, Ada Lovelace!')

    const { refreshToken = '', accessToken = '' } = application.latest
    await visitor.post(`${application.origin}/logout`)
    expect(visitor.url).toBe(`${application.origin}/`)
    const library = await open(registration)
    await expect(library.refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' })
    await expect(library.introspect(accessToken)).resolves.toMatchObject({ active: false })
  })

  it('refreshes, introspects, and signs the user out everywhere', async () => {
    const visitor = createJourneyBrowser()
    await visitor.get(`${application.origin}/login`)
    await visitor.submit({ ...OWNER, action: 'sign-in' })
    if (new URL(visitor.url).origin === server.issuer) await visitor.submit({ action: 'allow' })
    expect(visitor.body).toBe('Welcome, Ada Lovelace!')

    const { refreshToken = '', idToken = '' } = application.latest
    const library = await open(registration)
    const { access_token: accessToken = '', refresh_token: successor = '' } = await library.refresh(refreshToken)
    expect(successor).not.toBe(refreshToken)
    await expect(library.introspect(accessToken)).resolves.toMatchObject({
      active: true,
      client_id: registration.clientId,
      scope: 'openid profile email',
    })
    await visitor.get(library.endSessionUrl(idToken))
    expect(visitor.status).toBe(200)
    expect(visitor.body).toContain('You are signed out')
    await expect(library.refresh(successor)).rejects.toMatchObject({ error: 'invalid_grant' })
    await visitor.get(`${application.origin}/login`)
    expect(visitor.body).toContain('id="password"')
  })

  it('rejects a response with another state, and shows that the user denied consent', async () => {
    const visitor = createJourneyBrowser()
    await visitor.get(`${application.origin}/callback?code=stolen&state=foreign&iss=${server.issuer}`)
    expect(visitor.status).toBe(500)
    expect(visitor.body).toMatch(/state/)
    await visitor.get(`${application.origin}/login`)
    await visitor.submit({ action: 'cancel' })
    expect(visitor.status).toBe(500)
    expect(visitor.url).toContain('error=access_denied')
  })
})
