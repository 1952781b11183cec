// The JSON API as people of whatever rights a test needs.
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'
import { uuidv7 } from '../../src/lib/crypto/random.ts'
import { createTestApp, OWNER, type TestAppOptions } from './app.ts'
import { cheapHashing } from './seed.ts'

export type Api = Awaited<ReturnType<typeof createApi>>

/** A signed-in user with their organisation. */
export interface Person {
  id: string
  organisation: { id: string; slug: string }
  sessionId: string
  /** A `Cookie` header. */
  cookie: string
}

interface Message {
  /** Goes as JSON; a string goes as it is. */
  body?: unknown
  headers?: Record<string, string>
}

/** The password of users created by `addPerson`. */
export const PASSWORD = 'a password of everybody'

export async function createApi(options: TestAppOptions = {}) {
  const test = await createTestApp(options)
  const { app, clock } = test
  const { prisma } = test.database
  const first = await prisma.organisation.findFirstOrThrow()
  const founder = await prisma.user.findFirstOrThrow()
  const passwordHash = await createPasswords(1, cheapHashing).hash(PASSWORD)

  async function signIn(
    { id, email }: { id: string; email: string },
    { id: organisationId, slug }: { id: string; slug: string },
    password = PASSWORD,
  ): Promise<Person> {
    clock.advance(1)
    const cookie = await test.signIn({ email, password })
    const session = await prisma.session.findFirstOrThrow({ where: { userId: id }, orderBy: { createdAt: 'desc' } })
    return { id, organisation: { id: organisationId, slug }, sessionId: session.id, cookie }
  }

  return {
    ...test,
    prisma,
    owner: await signIn(founder, first, OWNER.password),

    /** A second sign-in of a user created by `addPerson`. */
    async signInAgain({ id, organisation }: Person): Promise<Person> {
      return signIn(await prisma.user.findUniqueOrThrow({ where: { id } }), organisation)
    },

    /** Another organisation, without users. */
    async addOrganisation(slug: string) {
      const now = clock.now()
      return prisma.organisation.create({ data: { id: uuidv7(now), slug, name: slug, createdAt: now, updatedAt: now } })
    },

    /** A signed-in user with `permissions`. */
    async addPerson(permissions: string[], organisation: { id: string; slug: string } = first): Promise<Person> {
      const now = clock.now()
      const stamps = { organisationId: organisation.id, createdAt: now, updatedAt: now }
      const held = await prisma.permission.findMany({ where: { slug: { in: permissions } } })
      if (held.length !== permissions.length) throw new Error(`Not in the catalogue: ${permissions.join(', ')}`)
      const id = uuidv7(now)
      const email = `${id}@example.test`
      await prisma.user.create({ data: { ...stamps, id, email, emailKey: email, passwordHash } })
      const role = { ...stamps, id: uuidv7(now), slug: id, name: 'Role' }
      await prisma.role.create({
        data: { ...role, permissions: { create: held.map((permission) => ({ permissionId: permission.id })) } },
      })
      await prisma.roleAssignment.create({
        data: { userId: id, roleId: role.id, organisationId: organisation.id, grantedAt: now },
      })
      return signIn({ id, email }, organisation)
    },

    /** Sends a request with or without a session, one second after the previous one. */
    async send(
      person: Person | undefined,
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
      url: string,
      { body, headers }: Message = {},
    ) {
      clock.advance(1)
      return app.inject({
        method,
        url,
        headers: {
          ...(person && { cookie: person.cookie }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
    },

    /** The audit trail without sign-ins, oldest first. */
    events: () =>
      prisma.auditEvent.findMany({
        where: { type: { notIn: ['user.login.success', 'oauth2.consent.granted'] } },
        orderBy: { occurredAt: 'asc' },
      }),
  }
}
