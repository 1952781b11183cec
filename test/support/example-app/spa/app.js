// The application: buttons, and a line that says what happened.
import { ApiClient } from './api-client.js'
import { OAuth2Client } from './oauth2-client.js'
import { TokenManager } from './token-manager.js'

const { issuer, clientId } = await (await fetch('/settings.json')).json()
const home = `${window.location.origin}/`
const oauth2 = new OAuth2Client(issuer, clientId, `${home}callback`)
const tokens = new TokenManager(oauth2, (what, error) => say(what === 'lost' ? String(error) : 'refreshed'))
const api = new ApiClient(issuer, tokens)

const say = (text) => show('status', text)
const show = (id, text) => {
  document.getElementById(id).textContent = text
}

/** Runs `act` at a click and says what came of it. */
function on(id, act) {
  const run = async () => {
    try {
      const said = await act()
      if (said !== undefined) say(said)
    } catch (error) {
      say(String(error))
    }
  }
  document.getElementById(id).addEventListener('click', () => void run())
}

on('login', () => oauth2.authorize())
on('silent-login', () => oauth2.authorize(undefined, { prompt: 'none' }))
on('refresh', () => tokens.refresh())
on('load-profile', async () => {
  show('profile', '')
  const response = await api.fetch('/v1/me/profile')
  show('profile', JSON.stringify(await response.json()))
  return `profile ${response.status}`
})
on('drop-access', async () => {
  await oauth2.revokeToken(tokens.getAccessToken(), 'access_token')
  return 'access token revoked'
})
on('revoke', async () => {
  await oauth2.revokeToken(tokens.getRefreshToken(), 'refresh_token')
  return 'refresh token revoked'
})
on('logout', async () => {
  const refreshToken = tokens.getRefreshToken()
  if (refreshToken !== null) await oauth2.revokeToken(refreshToken, 'refresh_token')
  tokens.clear()
  window.location.href = '/?left'
})
on('sign-out', () => {
  const query = new URLSearchParams({
    id_token_hint: sessionStorage.getItem('id_token') ?? '',
    post_logout_redirect_uri: `${home}?signed-out`,
  })
  tokens.clear()
  window.location.href = `${issuer}/oauth2/logout?${query}`
})

if (window.location.pathname === '/callback') {
  try {
    const received = await oauth2.handleCallback()
    tokens.setTokens(received)
    sessionStorage.setItem('id_token', received.id_token)
    const person = await oauth2.getUserInfo(received.access_token)
    show('person', person.email)
    say('logged in')
  } catch (error) {
    say(String(error))
  }
} else say('logged out')

// For tests that observe the application.
window.notes = { tokens, oauth2 }
