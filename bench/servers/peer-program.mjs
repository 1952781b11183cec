// node-oidc-provider with its documented options and default policies, and a minimal adapter, accounts and sign-in
// page. Two costs are left out in its favour: clients come from its configuration and accounts from memory, while this
// server reads both from PostgreSQL.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import argon2 from 'argon2'
import { Provider } from 'oidc-provider'
import { createMemoryAdapter } from './memory-adapter.mjs'
import { createPostgresAdapter } from './postgres-adapter.mjs'
import { emailOf, hashPassword, PEOPLE, REDIRECT_URI } from './people.mjs'

const { PORT, DATABASE_URL } = process.env
const clients = JSON.parse(process.env.CLIENTS)
const url = `http://127.0.0.1:${PORT}`
const passwordHash = await hashPassword()
const accounts = new Map(
  Array.from({ length: PEOPLE }, (_, index) => [
    emailOf(index),
    { name: `Person ${index}`, given_name: 'Person', family_name: `No. ${index}`, passwordHash },
  ]),
)

const jwk = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  use: 'sig',
  alg,
  kid: alg,
})

const web = (client, alg) => ({
  client_id: client.id,
  client_secret: client.secret,
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  id_token_signed_response_alg: alg,
})

const provider = new Provider(url, {
  adapter: DATABASE_URL === undefined ? createMemoryAdapter() : await createPostgresAdapter(DATABASE_URL),
  clients: [
    web(clients.ES256, 'ES256'),
    web(clients.RS256, 'RS256'),
    {
      client_id: clients.machine.id,
      client_secret: clients.machine.secret,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
    },
  ],
  jwks: { keys: [jwk('rsa', { modulusLength: 2048 }, 'RS256'), jwk('ec', { namedCurve: 'P-256' }, 'ES256')] },
  cookies: { keys: ['the key that signs the cookies of the peer'] },
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'], email: ['email', 'email_verified'] },
  scopes: ['openid', 'offline_access', 'reports:read'],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: 3600,
    AuthorizationCode: 600,
    ClientCredentials: 3600,
    IdToken: 3600,
    RefreshToken: 2_592_000,
    Session: 3600,
    Grant: 2_592_000,
    Interaction: 3600,
  },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource) => ({
        scope: 'reports:read',
        audience: resource,
        accessTokenTTL: 3600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: resource.includes('rs256') ? 'RS256' : 'ES256' } },
      }),
    },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => {
    const account = accounts.get(id)
    return (
      account && {
        accountId: id,
        claims: () => ({
          sub: id,
          name: account.name,
          given_name: account.given_name,
          family_name: account.family_name,
          email: id,
          email_verified: true,
        }),
      }
    )
  },
  // The recipe of its documentation for first-party clients, which need no consent.
  async loadExistingGrant(ctx) {
    const grantId = ctx.oidc.result?.consent?.grantId ?? ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId)
    if (grantId) return ctx.oidc.provider.Grant.find(grantId)
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    })
    grant.addOIDCScope('openid profile email')
    await grant.save()
    return grant
  },
})
provider.on('server_error', (_ctx, error) => console.error(error))

const answer = provider.callback()
createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  interact(request, response).catch((error) => {
    console.error(error)
    response.writeHead(500).end()
  })
}).listen(Number(PORT), '127.0.0.1')

/** The sign-in step, which users of the library write themselves: a page, and the password check. */
async function interact(request, response) {
  const { uid } = await provider.interactionDetails(request, response)
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    return response.end(`<!doctype html><title>Sign in</title><form method="post" action="/interaction/${uid}">
<input name="email"><input name="password" type="password"><button>Sign in</button></form>`)
  }
  let body = ''
  for await (const chunk of request) body += chunk
  const form = new URLSearchParams(body)
  const email = form.get('email') ?? ''
  const account = accounts.get(email)
  if (!account || !(await argon2.verify(account.passwordHash, form.get('password') ?? ''))) {
    response.writeHead(401)
    return response.end()
  }
  return provider.interactionFinished(request, response, { login: { accountId: email, amr: ['pwd'] } })
}
