import type { Express } from 'express'
import { generators, Issuer } from 'openid-client-5'
import type { Kept, Registration } from './web-application.ts'

/** The routes of a web application over `openid-client` 5: everything it knows of the server comes from discovery. */
export async function openidClient5Routes(
  app: Express,
  { issuer: url, clientId, clientSecret, redirectUri }: Registration,
  remember: (kept: Kept) => void,
): Promise<void> {
  const issuer = await Issuer.discover(url)
  const client = new issuer.Client({
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirectUri],
    response_types: ['code'],
  })

  app.get('/login', (request, response) => {
    const kept = { codeVerifier: generators.codeVerifier(), state: generators.state() }
    request.session.kept = kept
    response.redirect(
      client.authorizationUrl({
        scope: 'openid profile email',
        code_challenge: generators.codeChallenge(kept.codeVerifier),
        code_challenge_method: 'S256',
        state: kept.state,
      }),
    )
  })

  app.get('/callback', async (request, response) => {
    const { codeVerifier, state } = request.session.kept ?? {}
    const tokens = await client.callback(redirectUri, client.callbackParams(request), {
      ...(codeVerifier !== undefined && { code_verifier: codeVerifier }),
      ...(state !== undefined && { state }),
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
    const { name } = await client.userinfo(accessToken)
    return response.send(`Welcome, ${name}!`)
  })

  app.post('/logout', async (request, response) => {
    const { refreshToken } = request.session.kept ?? {}
    if (refreshToken !== undefined) await client.revoke(refreshToken, 'refresh_token')
    request.session.destroy(() => response.redirect('/'))
  })
}
