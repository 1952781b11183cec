import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootstrapFirstOrganisation, type BootstrappedOrganisation } from '../../src/organisations/bootstrap.ts'
import { bootstrapOrganisation } from '../../src/server/startup/bootstrap-organisation.ts'
import { permissionCatalogue } from '../../src/permissions/catalogue.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { createBootstrapRepository } from '../../src/storage/organisations/bootstrap.ts'
import { createOrganisationRepository } from '../../src/storage/organisations/organisations.ts'
import { createTestClock } from '../support/clock.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'

let empty: TestDatabase
let database: Database
let hashed: string[]
let made: (BootstrappedOrganisation | undefined)[]

const ensure = () =>
  bootstrapFirstOrganisation({
    repository: createBootstrapRepository(database.pool),
    clock: createTestClock(),
    hashPassword: (password) => Promise.resolve(`hash of ${hashed.push(password)}`),
    settings: { slug: 'acme-corp', email: 'Admin@Acme.test', password: undefined },
    sessionLifetimes: { idle: 7_200, max: 43_200 },
  })

beforeAll(async () => {
  empty = await createDatabase()
  database = connectDatabase({ connection: empty.connectionString, poolSize: 6, onError: () => {} })
  hashed = []
  made = await Promise.all([ensure(), ensure(), ensure()])
})

afterAll(async () => {
  await database.close()
  await empty.drop()
})

describe('an empty database', () => {
  it('gets one organisation, however many servers start at once', async () => {
    expect(made.filter((result) => result !== undefined)).toHaveLength(1)
    expect(await database.prisma.organisation.findMany()).toMatchObject([{ slug: 'acme-corp', name: 'Acme Corp' }])
    expect(await database.prisma.auditEvent.findMany()).toMatchObject([{ type: 'organisation.created' }])
  })

  it('gets an owner whose password is generated, readable and returned once', async () => {
    const result = made.find((candidate) => candidate !== undefined)
    expect(result).toMatchObject({ slug: 'acme-corp', email: 'Admin@Acme.test' })
    const { generatedPassword = '' } = result ?? {}
    // Four groups of seven out of 32 characters: 140 bits.
    expect(generatedPassword.toLowerCase()).toMatch(/^[a-kmnp-z2-9]{7}(-[a-kmnp-z2-9]{7}){3}$/)
    expect(generatedPassword).toMatch(/[A-Z]/)
    expect(generatedPassword).toMatch(/\d/)
    expect(hashed).toContain(generatedPassword)
    expect(new Set(hashed).size).toBe(hashed.length)
    const [owner, ...others] = await database.prisma.user.findMany({
      include: { memberships: { include: { roleAssignments: { include: { role: true } } } } },
    })
    expect(others).toEqual([])
    expect(owner).toMatchObject({
      emailKey: 'admin@acme.test',
      emailVerified: true,
      memberships: [{ state: 'active', source: 'local', roleAssignments: [{ role: { slug: 'owner' } }] }],
    })
  })

  it('gets the roles that every organisation starts with', async () => {
    const roles = await database.prisma.role.findMany({ orderBy: { slug: 'asc' } })
    expect(roles.map(({ slug, isDefault, isSystem }) => [slug, isDefault, isSystem])).toEqual([
      ['admin', false, true],
      ['manager', false, true],
      ['owner', false, true],
      ['staff', true, true],
    ])
  })
})

describe('a database that is in use', () => {
  it('keeps its organisation, and learns new wording of permissions', async () => {
    await database.prisma.permission.updateMany({ data: { name: 'old' } })
    expect(await ensure()).toBeUndefined()
    const stored = await database.prisma.permission.findMany()
    expect(stored.map(({ slug, name }) => `${slug}: ${name}`).toSorted()).toEqual(
      permissionCatalogue.map(({ slug, name }) => `${slug}: ${name}`).toSorted(),
    )
  })

  it('gets the session lifetimes of the server that starts', async () => {
    const repositories = {
      bootstrap: createBootstrapRepository(database.pool),
      organisations: createOrganisationRepository(database.pool, () => {}),
    }
    const bootstrap = { slug: 'other', email: 'other@acme.test', password: undefined }
    const sessionLifetimes = { idle: 600, max: 900 }
    await bootstrapOrganisation({ clock: createTestClock(), repositories }, { bootstrap, sessionLifetimes })
    expect(await database.prisma.organisation.findMany()).toMatchObject([
      { slug: 'acme-corp', sessionIdleTimeout: 600, sessionLifetime: 900 },
    ])
  })
})
