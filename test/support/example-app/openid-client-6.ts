import type { Express } from 'express'
import * as openid from 'openid-client'
import type { Kept, Registration } from './web-application.ts'

/** What the library needs to know, from discovery. Plain http is for this machine alone. */
export function discover({ issuer, clientId, clientSecret }: Registration): Promise<openid.Configuration> {
  const insecure = { execute: [openid.allowInsecureRequests] }
  return openid.discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), insecure)
}

/** The routes of a web application over `openid-client` 6. */
export async function openidClient6Routes(
  app: Express,
  registration: Registration,
  remember: (kept: Kept) => void,
): Promise<void> {
  const { redirectUri } = registration
  const configuration = await discover(registration)

  app.get('/login', async (request, response) => {
    const kept = { codeVerifier: openid.randomPKCECodeVerifier(), state: openid.randomState() }
    request.session.kept = kept
    const url = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      code_challenge: await openid.calculatePKCECodeChallenge(kept.codeVerifier),
      code_challenge_method: 'S256',
      state: kept.state,
    })
    response.redirect(url.href)
  })

  app.get('/callback', async (request, response) => {
    const { codeVerifier, state } = request.session.kept ?? {}
    const tokens = await openid.authorizationCodeGrant(configuration, new URL(request.url, redirectUri), {
      ...(codeVerifier !== undefined && { pkceCodeVerifier: codeVerifier }),
      ...(state !== undefined && { expectedState: state }),
      idTokenExpected: true,
    })
    request.session.kept = {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      idToken: tokens.id_token,
    }
    remember(request.session.kept)
    response.redirect('/dashboard')
  })

  app.get('/dashboard', async (request, response) => {
    const { accessToken } = request.session.kept ?? {}
    if (accessToken === undefined) return response.redirect('/login')
    const { name } = await openid.fetchUserInfo(configuration, accessToken, openid.skipSubjectCheck)
    return response.send(`Welcome, ${name}!`)
  })

  app.post('/logout', async (request, response) => {
    const { refreshToken } = request.session.kept ?? {}
    if (refreshToken !== undefined) {
      await openid.tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' })
    }
    request.session.destroy(() => response.redirect('/'))
  })
}
