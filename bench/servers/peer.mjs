import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { freePort } from '../processes.mjs'
import { startServerProcess } from './server-process.mjs'

const PROGRAM = fileURLToPath(new URL('peer-program.mjs', import.meta.url))

/** node-oidc-provider, over PostgreSQL or, without `databaseUrl`, over a map in memory. */
export async function startPeer({ name, databaseUrl }) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const client = (id) => ({ id, secret: randomBytes(32).toString('base64url') })
  const clients = { ES256: client('web-es256'), RS256: client('web-rs256'), machine: client('machine') }
  const settings = {
    program: PROGRAM,
    url,
    environment: {
      PORT: String(port),
      CLIENTS: JSON.stringify(clients),
      ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    },
  }
  const first = await startServerProcess(settings)
  await first.stop()
  const server = await startServerProcess(settings)
  return {
    ...server,
    name,
    databaseUrl,
    target: {
      url,
      issuer: url,
      paths: {
        discovery: '/.well-known/openid-configuration',
        jwks: '/jwks',
        authorize: '/auth',
        token: '/token',
        introspection: '/token/introspection',
        revocation: '/token/revocation',
        userinfo: '/me',
      },
      clients: { ES256: clients.ES256, RS256: clients.RS256 },
      machines: {
        ES256: { client: clients.machine, form: { scope: 'reports:read', resource: 'https://es256.example.com' } },
        RS256: { client: clients.machine, form: { scope: 'reports:read', resource: 'https://rs256.example.com' } },
        opaque: { client: clients.machine, form: {} },
      },
      introspected: { client: clients.machine, form: {} },
      signInForm: { email: 'email', password: 'password' },
    },
  }
}
