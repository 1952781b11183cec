import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { freePort } from '../processes.mjs'
import { startServerProcess } from './server-process.mjs'

const PROGRAM = fileURLToPath(new URL('floor-program.mjs', import.meta.url))

/** The floor, over PostgreSQL. */
export async function startFloor({ databaseUrl }) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const client = (id, alg) => ({ id, alg, secret: randomBytes(32).toString('base64url') })
  const clients = {
    ES256: client('web-es256', 'ES256'),
    RS256: client('web-rs256', 'RS256'),
    machine: client('machine-es256', 'ES256'),
    machineRs256: client('machine-rs256', 'RS256'),
  }
  const server = await startServerProcess({
    program: PROGRAM,
    url,
    environment: { PORT: String(port), CLIENTS: JSON.stringify(clients), DATABASE_URL: databaseUrl },
  })
  const form = { scope: 'reports:read' }
  return {
    ...server,
    name: 'floor',
    databaseUrl,
    target: {
      url,
      issuer: url,
      paths: {
        discovery: '/.well-known/openid-configuration',
        jwks: '/jwks',
        authorize: '/authorize',
        token: '/token',
        introspection: '/introspect',
        revocation: '/revoke',
        userinfo: '/userinfo',
      },
      clients: { ES256: clients.ES256, RS256: clients.RS256 },
      machines: { ES256: { client: clients.machine, form }, RS256: { client: clients.machineRs256, form } },
      introspected: { client: clients.machine, form },
      signInForm: { email: 'email', password: 'password' },
    },
  }
}
