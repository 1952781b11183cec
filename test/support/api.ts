// The JSON API over a database of its own, with people of whatever rights a test needs. Sessions are rows made by hand:
// how they come about is tested elsewhere.
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { meRoutes, type Caller } from '../../src/accounts/me-routes.ts'
import { createBrowserSessions } from '../../src/accounts/browser-session.ts'
import { clientAdminRoutes } from '../../src/clients/admin-routes.ts'
import { createRequestAdministrators } from '../../src/directory/administrator-routes.ts'
import { ensureFirstOrganisation } from '../../src/directory/first-organisation.ts'
import { isPermission } from '../../src/directory/rights.ts'
import { createCookies, hashCookie } from '../../src/http/cookies.ts'
import { unauthorized, speakProblems } from '../../src/http/problem-dialect.ts'
import { createServer } from '../../src/http/server.ts'
import { randomToken, uuidv7 } from '../../src/lib/random.ts'
import { connectDatabase } from '../../src/storage/database.ts'
import { isUnavailable } from '../../src/storage/failure.ts'
import { createRepositories } from '../../src/storage/repositories.ts'
import { createDatabase } from './cluster.ts'

const ISSUER = 'http://localhost:4000'

export type Api = Awaited<ReturnType<typeof createApi>>

/** Someone with a session, in the organisation they belong to. */
export interface Person {
  id: string
  organisation: { id: string; slug: string }
  sessionId: string
  cookie: string
}

export async function createApi() {
  const database = await createDatabase()
  const connection = connectDatabase({
    connection: database.connectionString,
    poolSize: 4,
    onError: () => undefined,
  })
  const { pool, prisma } = connection
  const repositories = await createRepositories(connection)
  let now = new Date('2026-03-01T12:00:00Z')
  const clock = {
    now: () => new Date(now),
    advance(seconds: number) {
      now = new Date(now.getTime() + seconds * 1000)
    },
  }

  const made = await ensureFirstOrganisation({
    repository: repositories.directorySeed,
    clock,
    hashPassword: async () => 'no hash of any password',
    settings: { slug: 'acme-corp', email: 'Owner@Acme.test', password: undefined },
  })
  const first = await prisma.organisation.findFirstOrThrow()
  const founder = await prisma.user.findFirstOrThrow()

  const cookies = createCookies({ name: 'cerb_sid', secure: false })
  const browserSessions = createBrowserSessions({ clock, sessions: repositories.sessions })
  const sessionOf = async (cookie: string | undefined) => (await browserSessions.find(cookie))?.session
  const bearers = new Map<string, Caller>()
  const app = await createServer({ logger: pino({ level: 'silent' }), trustedProxies: [], https: false })
  await app.register(async (scope) => {
    scope.setValidatorCompiler(validatorCompiler)
    scope.setSerializerCompiler(serializerCompiler)
    speakProblems(scope, { isUnavailable, issuer: ISSUER })
    clientAdminRoutes(scope, {
      clients: repositories.clients,
      clientDirectory: repositories.clientDirectory,
      clock,
      isPermission,
      administrator: createRequestAdministrators({
        issuer: ISSUER,
        findProfile: repositories.users.findProfile,
        sessionOf: async (request) => {
          const session = await sessionOf(cookies.session(request))
          return session && { ...session, organisationSlug: session.organisation.slug }
        },
      }),
    })
    meRoutes(scope, {
      clock,
      issuer: ISSUER,
      users: repositories.users,
      sessions: repositories.sessions,
      caller: async (request) => {
        const bearer = bearers.get(request.headers.authorization ?? '')
        if (bearer) return bearer
        const session = await sessionOf(cookies.session(request))
        if (!session) throw unauthorized('Sign in first.')
        const { userId, organisationId, id } = session
        return { userId, organisationId, sessionId: id, via: 'session', firstParty: true }
      },
    })
  })
  await app.ready()

  async function signIn(userId: string, organisation: { id: string; slug: string }): Promise<Person> {
    const token = randomToken()
    const sessionId = uuidv7(now)
    await prisma.session.create({
      data: {
        id: sessionId,
        organisationId: organisation.id,
        userId,
        tokenHash: new Uint8Array(hashCookie(token)),
        authTime: now,
        amr: ['pwd'],
        ipAddress: '192.0.2.7',
        userAgent: 'a browser',
        lastActivityAt: now,
        expiresAt: new Date(now.getTime() + 3_600_000),
        createdAt: now,
      },
    })
    return { id: userId, organisation: { id: organisation.id, slug: organisation.slug }, sessionId, cookie: token }
  }

  return {
    app,
    clock,
    pool,
    prisma,
    clientDirectory: repositories.clientDirectory,
    /** What the empty database was told of its first organisation. */
    made,
    owner: await signIn(founder.id, first),
    signIn,

    /** Another organisation with nobody in it. */
    async addOrganisation(slug: string) {
      const id = uuidv7(now)
      return prisma.organisation.create({ data: { id, slug, name: slug, createdAt: now, updatedAt: now } })
    },

    /** Somebody who is signed in and may do `permissions`. */
    async addPerson(permissions: string[], organisation: { id: string; slug: string } = first): Promise<Person> {
      const id = uuidv7(now)
      const stamps = { organisationId: organisation.id, createdAt: now, updatedAt: now }
      const held = await prisma.permission.findMany({ where: { slug: { in: permissions } } })
      if (held.length !== permissions.length) throw new Error(`Not in the catalogue: ${permissions.join(', ')}`)
      const role = await prisma.role.create({
        data: {
          ...stamps,
          id: uuidv7(now),
          slug: id,
          name: 'Role',
          permissions: { create: held.map((permission) => ({ permissionId: permission.id })) },
        },
      })
      const email = `${id}@example.test`
      await prisma.user.create({ data: { ...stamps, id, email, emailKey: email } })
      await prisma.userRole.create({ data: { userId: id, roleId: role.id, organisationId: organisation.id } })
      return signIn(id, organisation)
    },

    /** An Authorization header that speaks for a person through a client. */
    bearer(person: Person, firstParty: boolean): string {
      const header = `Bearer ${randomToken()}`
      bearers.set(header, {
        userId: person.id,
        organisationId: person.organisation.id,
        sessionId: person.sessionId,
        via: 'bearer',
        firstParty,
      })
      return header
    },

    /** Sends a request with the person's cookie, a second after the one before; a body that is no string goes as JSON. */
    async send(
      person: Person | undefined,
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
      url: string,
      more: {
        body?: unknown
        headers?: Record<string, string>
      } = {},
    ) {
      const options: InjectOptions = {
        method,
        url,
        headers: {
          ...(person && { cookie: `cerb_sid=${person.cookie}` }),
          ...(more.body !== undefined && { 'content-type': 'application/json' }),
          ...more.headers,
        },
        ...(more.body !== undefined && {
          payload: typeof more.body === 'string' ? more.body : JSON.stringify(more.body),
        }),
      }
      clock.advance(1)
      return app.inject(options)
    },

    /** The audit trail, oldest first. */
    events: () => prisma.auditEvent.findMany({ orderBy: { occurredAt: 'asc' } }),

    async close(): Promise<void> {
      await app.close()
      await repositories.close()
      await connection.close()
      await database.drop()
    },
  }
}
