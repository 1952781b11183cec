import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { FILLER_SECRET } from '../fill.mjs'
import { freePort } from '../processes.mjs'
import { emailOf, hashPassword, PASSWORD, PEOPLE, REDIRECT_URI } from './people.mjs'
import { startServerProcess } from './server-process.mjs'

const PROGRAM = fileURLToPath(new URL('../../dist/bundle/server/main.js', import.meta.url))
export const OWNER = { email: 'owner@bench.test', password: PASSWORD }
const UNLIMITED = '1000000000'

/** This server in production mode over a migrated database, with the clients and users of the benchmark. */
export async function startCerberus({ databaseUrl, flags = [], program = PROGRAM, workers = 1, fillers = 0 }) {
  const directory = await mkdtemp(join(tmpdir(), 'cerberus-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = {
    program,
    flags,
    url,
    // It listens before it has an owner.
    readyPath: '/health/ready',
    environment: {
      HOST: '127.0.0.1',
      PORT: String(port),
      ISSUER_URL: 'https://auth.example.com',
      DATABASE_URL: databaseUrl,
      SECRET_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      CERBERUS_DATA_DIR: directory,
      CERBERUS_ORG_SLUG: 'bench',
      CERBERUS_ADMIN_EMAIL: OWNER.email,
      CERBERUS_ADMIN_PASSWORD: OWNER.password,
      LOG_LEVEL: 'warn',
      WORKERS: String(workers),
      RATE_MAX: UNLIMITED,
      MAX_CONNECTIONS_PER_ADDRESS: '1000000',
      AUTH_RATE_MAX: UNLIMITED,
      TOKEN_RATE_MAX: UNLIMITED,
      ACCOUNT_RATE_MAX: '1000000',
    },
  }
  const first = await startServerProcess(settings)
  const cookie = await enterAsOwner(url)
  const clients = await registerClients(url, cookie)
  await storePeople(databaseUrl)
  await first.stop()
  // The first start creates keys and an organisation; the measured start is that of a server that has them.
  const server = await startServerProcess(settings)
  return {
    ...server,
    name: 'cerberus',
    databaseUrl,
    target: {
      url,
      issuer: 'https://auth.example.com',
      paths: {
        discovery: '/.well-known/openid-configuration',
        jwks: '/.well-known/jwks.json',
        authorize: '/oauth2/authorize',
        token: '/oauth2/token',
        introspection: '/oauth2/introspect',
        revocation: '/oauth2/revoke',
        userinfo: '/oauth2/userinfo',
      },
      clients: { ES256: clients.web, RS256: clients.webRs256 },
      machines: {
        ES256: { client: clients.machine, form: { scope: 'reports:read' } },
        RS256: { client: clients.machineRs256, form: { scope: 'reports:read' } },
        opaque: { client: clients.machineOpaque, form: { scope: 'reports:read' } },
      },
      introspected: { client: clients.machine, form: { scope: 'reports:read' } },
      administrator: { path: '/v1/admin/clients', headers: { cookie, 'x-org-domain': 'bench' } },
      fillers: { count: fillers, secret: FILLER_SECRET },
      signInForm: { email: 'email', password: 'password', action: 'sign-in' },
    },
    async stop() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Signs the owner in. */
async function enterAsOwner(url) {
  const signedIn = await fetch(`${url}/v1/auth/login`, json(OWNER))
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  if (signedIn.status !== 200) throw new Error(`The owner cannot sign in: ${await signedIn.text()}`)
  return cookie
}

/** Registers clients as the owner. */
export async function openRegistration(url) {
  return registerAs(url, await enterAsOwner(url))
}

function registerAs(url, cookie) {
  return async (metadata) => {
    const answer = await fetch(`${url}/v1/admin/clients`, json({ clientType: 'confidential', ...metadata }, { cookie }))
    const client = await answer.json()
    if (answer.status !== 201) throw new Error(`A client cannot be registered: ${JSON.stringify(client)}`)
    return { id: client.clientId, secret: client.clientSecret }
  }
}

async function registerClients(url, cookie) {
  const register = registerAs(url, cookie)
  const web = (alg) =>
    register({
      name: `Web ${alg}`,
      isFirstParty: true,
      redirectUris: [REDIRECT_URI],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['openid', 'profile', 'email'],
      idTokenSignedResponseAlg: alg,
      accessTokenSigningAlg: 'ES256',
    })
  const machine = (alg, format = 'jwt') =>
    register({
      name: `Machine ${alg} ${format}`,
      grantTypes: ['client_credentials'],
      scopes: ['reports:read'],
      accessTokenFormat: format,
      accessTokenSigningAlg: alg,
    })
  return {
    web: await web('ES256'),
    webRs256: await web('RS256'),
    machine: await machine('ES256'),
    machineRs256: await machine('RS256'),
    machineOpaque: await machine('ES256', 'opaque'),
  }
}

function json(body, headers = {}) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-org-domain': 'bench', ...headers },
    body: JSON.stringify(body),
  }
}

export async function storePeople(databaseUrl) {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    `INSERT INTO users (id, organisation_id, email, email_key, email_verified, password_hash, name, given_name,
       family_name, created_at, updated_at)
     SELECT gen_random_uuid(), o.id, e.email, e.email, true, $2, 'Person ' || e.ord, 'Person', 'No. ' || e.ord, now(), now()
     FROM organisations o, unnest($1::text[]) WITH ORDINALITY AS e(email, ord)`,
    [Array.from({ length: PEOPLE }, (_, index) => emailOf(index)), await hashPassword()],
  )
  await client.end()
}
