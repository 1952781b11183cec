// The floor: the minimum work of the protocol, with Fastify, one batched prepared statement per request, and
// signatures. It has no logging, rate limits, audit events, organisations, consent, client policies or error
// descriptions. Do not run it in production. It shows the cost of the protocol itself on the measuring machine.
import { generateKeyPairSync, hash, randomBytes, sign, verify } from 'node:crypto'
import { parse } from 'node:querystring'
import fastify from 'fastify'
import argon2 from 'argon2'
import { randomToken, uuidv7 } from '../../dist/lib/crypto/random.js'
import { hmacSha256, sha256 } from '../../dist/lib/crypto/hash.js'
import { openFloorStatements } from './floor-statements.mjs'
import { emailOf, hashPassword, PEOPLE } from './people.mjs'

const { PORT, DATABASE_URL } = process.env
const url = `http://127.0.0.1:${PORT}`
const clients = new Map(
  Object.values(JSON.parse(process.env.CLIENTS)).map((client) => [
    client.id,
    { ...client, secretHash: sha256(client.secret).toString('base64') },
  ]),
)
const passwordHash = await hashPassword()
const statements = await openFloorStatements(DATABASE_URL)
await statements.storePeople(
  Array.from({ length: PEOPLE }, (_, index) => ({
    id: uuidv7(new Date()),
    email: emailOf(index),
    name: `Person ${index}`,
  })),
)

// Tokens
const refreshKey = randomBytes(32)
const keys = {
  ES256: { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }), dsaEncoding: 'ieee-p1363' },
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const headers = Object.fromEntries(Object.keys(keys).map((alg) => [alg, encode({ alg, kid: alg })]))

async function signToken(alg, claims) {
  const { privateKey, dsaEncoding } = keys[alg]
  const input = `${headers[alg]}.${encode(claims)}`
  const options = { key: privateKey, ...(dsaEncoding && { dsaEncoding }) }
  // Short signatures on this thread, RSA signatures on another one.
  const signature =
    alg === 'ES256'
      ? sign('sha256', Buffer.from(input), options)
      : await new Promise((resolve) => sign('sha256', Buffer.from(input), options, (_, made) => resolve(made)))
  return `${input}.${signature.toString('base64url')}`
}

const MOST_KNOWN = 5_000
const known = new Map()

function readToken(token) {
  const before = known.get(token)
  if (before) return before
  const [header, payload, signature] = token.split('.')
  const { publicKey, dsaEncoding } = keys[JSON.parse(Buffer.from(header, 'base64url')).alg]
  const right = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: publicKey, ...(dsaEncoding && { dsaEncoding }) },
    Buffer.from(signature, 'base64url'),
  )
  if (!right) return undefined
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  remember(token, claims)
  return claims
}

function remember(token, claims) {
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(token, claims)
}

const seconds = () => Math.floor(Date.now() / 1000)
async function accessToken(client, alg, about) {
  const claims = { iss: url, aud: url, client_id: client.id, iat: seconds(), exp: seconds() + 3_600, ...about }
  const token = await signToken(alg, claims)
  // The signature need not be verified.
  remember(token, claims)
  return token
}

const macOf = (id, generation) => hmacSha256(refreshKey, `${id}.${generation}`).toString('base64url')
const refreshToken = (id, generation) => `${id}.${generation}.${macOf(id, generation)}`

async function tokensOf(client, { id, person, nonce }, generation) {
  const [access, idToken] = await Promise.all([
    accessToken(client, 'ES256', { sub: person, grant: id, jti: randomToken(), scope: 'openid profile email' }),
    signToken(client.alg, { iss: url, aud: client.id, sub: person, nonce, iat: seconds(), exp: seconds() + 3_600 }),
  ])
  const refresh = refreshToken(id, generation)
  return { access_token: access, token_type: 'Bearer', expires_in: 3_600, refresh_token: refresh, id_token: idToken }
}

// HTTP
const app = fastify({ logger: false })
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
  done(null, parse(body)),
)

function authenticate(request) {
  const [id, secret] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
    .toString()
    .split(':')
  const client = clients.get(decodeURIComponent(id))
  const right = client && sha256(decodeURIComponent(secret)).toString('base64') === client.secretHash
  return right ? client : undefined
}

const grants = {
  async authorization_code(client, form) {
    const challenge = hash('sha256', form.code_verifier, 'base64url')
    const row = await statements.redeem([sha256(form.code), client.id, form.redirect_uri, challenge])
    return row && tokensOf(client, row, 0)
  },
  async refresh_token(client, form) {
    const [id, generation, mac] = form.refresh_token.split('.')
    if (mac !== macOf(id, generation)) return undefined
    const row = await statements.rotate([id, Number(generation), client.id])
    return row && tokensOf(client, row, Number(generation) + 1)
  },
  async client_credentials(client, form) {
    const claims = { sub: client.id, jti: randomToken(), scope: form.scope }
    return { access_token: await accessToken(client, client.alg, claims), token_type: 'Bearer', expires_in: 3_600 }
  },
}

app.post('/token', async (request, reply) => {
  const client = authenticate(request)
  if (!client) return reply.code(401).send({ error: 'invalid_client' })
  const answer = await grants[request.body.grant_type]?.(client, request.body)
  return answer ?? reply.code(400).send({ error: 'invalid_grant' })
})

app.post('/introspect', async (request, reply) => {
  if (!authenticate(request)) return reply.code(401).send({ error: 'invalid_client' })
  const claims = readToken(request.body.token)
  const live = claims && claims.exp > seconds() && (await statements.inspect([claims.jti, claims.grant ?? null]))
  return live ? { active: true, ...claims } : { active: false }
})

app.post('/revoke', async (request, reply) => {
  if (!authenticate(request)) return reply.code(401).send({ error: 'invalid_client' })
  const claims = readToken(request.body.token)
  if (claims) await statements.revoke([claims.jti, new Date(claims.exp * 1000)])
  return reply.code(200).send()
})

app.get('/userinfo', async (request, reply) => {
  const claims = readToken(request.headers.authorization.slice(7))
  const live = claims && claims.exp > seconds() && (await statements.inspect([claims.jti, claims.grant ?? null]))
  return live ? { sub: claims.sub, email: live.email, name: live.name } : reply.code(401).send()
})

const sessionOf = (request) => /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]

app.get('/authorize', async (request, reply) => {
  const { client_id: client, redirect_uri: to, state, nonce, code_challenge: challenge } = request.query
  const cookie = sessionOf(request)
  const code = randomToken()
  const row =
    cookie &&
    clients.has(client) &&
    (await statements.authorize([sha256(cookie), uuidv7(new Date()), sha256(code), client, to, challenge, nonce]))
  return reply.redirect(row ? `${to}?code=${code}&state=${state}` : `/login${request.raw.url.slice(10)}`, 302)
})

app.get('/login', async (request, reply) => {
  const query = request.raw.url.slice(7).replaceAll('&', '&#38;')
  return reply
    .type('text/html')
    .send(`<form method="post" action="/login"><input type="hidden" name="to" value="${query}">`)
})

app.post('/login', async (request, reply) => {
  const { email, password, to } = request.body
  if (!(await argon2.verify(passwordHash, password))) return reply.code(401).send()
  const cookie = randomToken()
  await statements.signIn(email, sha256(cookie))
  return reply
    .header('set-cookie', `session=${cookie}; Path=/; HttpOnly`)
    .redirect(`/authorize?${to.replaceAll('&#38;', '&')}`, 302)
})

const documents = {
  '/.well-known/openid-configuration': JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }),
  '/jwks': JSON.stringify({
    keys: Object.entries(keys).map(([alg, { publicKey }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      alg,
      kid: alg,
    })),
  }),
}
for (const [path, text] of Object.entries(documents)) {
  app.get(path, (_, reply) => reply.type('application/json').send(text))
}

await app.listen({ host: '127.0.0.1', port: Number(PORT) })
process.once('SIGTERM', () => void app.close().then(statements.close))
