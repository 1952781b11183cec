import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { freePort } from '../processes.mjs'
import { openRegistration, OWNER, storePeople } from '../servers/cerberus.mjs'
import { REDIRECT_URI } from '../servers/people.mjs'
import { startServerProcess } from '../servers/server-process.mjs'

const PROGRAM = fileURLToPath(new URL('server-program.mjs', import.meta.url))
const ISSUER = 'https://auth.example.com'
export const HOUR = 3_600
export const DAY = 86_400

/**
 * Refresh token lifetimes of the clients. The longest, plus one day until it is swept, must pass in the first third.
 */
const LIFETIMES = [6 * HOUR, DAY, 3 * DAY, 7 * DAY]
/** Long compared with the duration of a request when a day is two seconds. */
export const SESSION_SECONDS = 12 * HOUR

/** The server with the fast clock, and its clients and users. */
export async function setStage({ databaseUrl, began, speed }) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await startServerProcess({
    program: PROGRAM,
    flags: ['--expose-gc'],
    channel: true,
    url,
    environment: {
      HOST: '127.0.0.1',
      PORT: String(port),
      ISSUER_URL: ISSUER,
      DATABASE_URL: databaseUrl,
      SECRET_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      CERBERUS_ORG_SLUG: 'bench',
      CERBERUS_ADMIN_EMAIL: OWNER.email,
      CERBERUS_ADMIN_PASSWORD: OWNER.password,
      LOG_LEVEL: 'error',
      // Requests come from many addresses, so that rate-limit counters are created and swept as well.
      TRUST_PROXY: '127.0.0.1/32',
      JWKS_ROTATE_DAYS: '3',
      AUDIT_RETENTION_DAYS: '5',
      SOAK_BEGAN: String(began),
      SOAK_SPEED: String(speed),
    },
  })
  await storePeople(databaseUrl)
  await lengthenSessions(databaseUrl)
  const register = await openRegistration(url)
  const families = []
  for (const refreshTokenLifetime of LIFETIMES) {
    const client = await register({
      name: `Web, ${refreshTokenLifetime / HOUR} hours`,
      isFirstParty: true,
      redirectUris: [REDIRECT_URI],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email'],
      idTokenSignedResponseAlg: 'ES256',
      accessTokenSigningAlg: 'ES256',
      refreshTokenLifetime,
    })
    families.push({ client, lifetime: refreshTokenLifetime })
  }
  const machineSettings = {
    grantTypes: ['client_credentials'],
    scopes: ['reports:read'],
    accessTokenSigningAlg: 'ES256',
  }
  const machine = await register({ name: 'Machine', ...machineSettings })
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signing = await register({
    name: 'Machine with a key',
    ...machineSettings,
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'one' }] },
  })
  const paths = {
    authorize: '/oauth2/authorize',
    token: '/oauth2/token',
    introspection: '/oauth2/introspect',
    revocation: '/oauth2/revoke',
    userinfo: '/oauth2/userinfo',
    logout: '/oauth2/logout',
    login: '/v1/auth/login',
  }
  const signInForm = { email: 'email', password: 'password', action: 'sign-in' }
  const targetOf = (client) => ({ url, issuer: ISSUER, paths, clients: { ES256: client }, signInForm })
  return {
    server,
    issuer: ISSUER,
    webs: families.map(({ client, lifetime }) => ({ target: targetOf(client), lifetime })),
    machine: targetOf(machine),
    signing: { target: targetOf(signing), privateKey },
  }
}

async function lengthenSessions(databaseUrl) {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('UPDATE organisations SET session_lifetime = $1, session_idle_timeout = $1', [SESSION_SECONDS])
  await client.end()
}
