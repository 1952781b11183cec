// "Active" has a definition in SQL (`storage/active-conditions.ts`) and one in TypeScript (`model`). Here both judge every
// combination of what they look at, and must agree.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uuidv7 } from '../../src/lib/crypto/random.ts'
import { isClientActive } from '../../src/model/clients/client-cache.ts'
import { grantInactiveReason as reasonOf } from '../../src/model/grants/grant-status.ts'
import { isOrganisationActive, type OrganisationStatus } from '../../src/model/organisations/organisation.ts'
import { isAssignmentEffective } from '../../src/model/permissions/role-assignment.ts'
import { isSessionActive } from '../../src/model/sessions/session.ts'
import { isMembershipActive } from '../../src/model/users/membership.ts'
import { isUserActive } from '../../src/model/users/user.ts'
import {
  activeOrganisation,
  activeUser,
  assignmentIsEffective,
  clientIsEnabled,
  grantInactiveReason,
  membershipIsActive,
  organisationIsActive,
  sessionIsActive,
  userIsActive,
} from '../../src/storage/active-conditions.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { grantStatusJoins } from '../../src/storage/grants/grant-status.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'

const NOW = new Date('2027-01-31T12:00:00Z')
const IDLE_SECONDS = 1_800
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const id = () => uuidv7(NOW)
const stamps = { createdAt: at(-86_400), updatedAt: at(-86_400) }

const statuses: readonly OrganisationStatus[] = ['trial', 'active', 'suspended', 'cancelled']
/** Sessions are made before grants. */
const SIGNED_IN_AT = at(-200)
/** Grants are made at this instant. */
const GRANTED_AT = at(-100)

const organisations = [
  ...statuses.map((status) => ({ status, accessEndedAt: null })),
  { status: 'active' as const, accessEndedAt: SIGNED_IN_AT },
  { status: 'active' as const, accessEndedAt: GRANTED_AT },
].map(({ status, accessEndedAt }, index) => ({
  id: id(),
  slug: `${status}-${index}`,
  name: status,
  status,
  accessEndedAt,
  sessionIdleTimeout: IDLE_SECONDS,
  ...stamps,
}))

const members = organisations.flatMap(({ id: organisationId }) =>
  [null, at(-5)].flatMap((blockedAt) =>
    [null, at(-5)].flatMap((deletedAt) =>
      // The membership of users who are active matters. Null: none.
      ((blockedAt ?? deletedAt) ? (['active'] as const) : (['active', 'suspended', null] as const)).map(
        (membership) => {
          const userId = id()
          const account = {
            id: userId,
            organisationId,
            email: userId,
            emailKey: userId,
            blockedAt,
            deletedAt,
            ...stamps,
          }
          return { account, membership }
        },
      ),
    ),
  ),
)
const users = members.map(({ account }) => account)
const membershipOf = new Map(
  members.map(({ account, membership }) => [account.id, membership ? { state: membership } : undefined]),
)

const clients = organisations.flatMap(({ id: organisationId }) =>
  [true, false].flatMap((isActive) =>
    [null, at(-5)].flatMap((deletedAt) =>
      [null, at(-1), NOW, at(1)].flatMap((expiresAt) =>
        [null, at(-101), GRANTED_AT, at(-99)].map((revokedAt) => {
          const clientRowId = id()
          const names = {
            clientId: clientRowId,
            name: 'A client',
            clientType: 'public',
            tokenEndpointAuthMethod: 'none',
          }
          return { id: clientRowId, organisationId, ...names, isActive, deletedAt, expiresAt, revokedAt, ...stamps }
        }),
      ),
    ),
  ),
)

const sessions = users.flatMap(({ id: userId, organisationId }) =>
  [null, at(-5)].flatMap((endedAt) =>
    [at(-1), NOW, at(1)].flatMap((expiresAt) =>
      [at(-IDLE_SECONDS - 1), at(-IDLE_SECONDS), at(1 - IDLE_SECONDS)].flatMap((lastActivityAt) =>
        [false, true].map((remembered) => {
          const sessionId = id()
          const tokenHash = new Uint8Array(Buffer.from(sessionId))
          const dates = { authTime: at(-200), endedAt, expiresAt, lastActivityAt, createdAt: SIGNED_IN_AT }
          return { id: sessionId, organisationId, userId, tokenHash, amr: [], remembered, ...dates }
        }),
      ),
    ),
  ),
)

/** Two sessions of a user say all that a grant asks of one: not ended, and ended. And one that is not there any more. */
const sessionsOf = (userId: string): (string | null)[] => {
  const ofUser = sessions.filter((session) => session.userId === userId)
  const [open, ended] = [ofUser.find(({ endedAt }) => !endedAt), ofUser.find(({ endedAt }) => endedAt)]
  return [null, open?.id ?? null, ended?.id ?? null, id()]
}

const grants = organisations.flatMap(({ id: organisationId }) => {
  const ofOrganisation = <Row extends { organisationId: string }>(rows: readonly Row[]) =>
    rows.filter((row) => row.organisationId === organisationId)
  return [...ofOrganisation(users).map((user) => user.id), id()].flatMap((userId) =>
    [...ofOrganisation(clients).map((client) => client.id), id()].flatMap((clientId) =>
      sessionsOf(userId).flatMap((sessionId, index) =>
        [true, false].map((offline) => ({
          id: id(),
          organisationId,
          userId,
          clientId,
          sessionId,
          offline,
          scopes: [],
          amr: [],
          authTime: at(-200),
          createdAt: GRANTED_AT,
          revokedAt: index === 1 && offline ? at(-5) : null,
        })),
      ),
    ),
  )
})

let own: TestDatabase
let database: Database
beforeAll(async () => {
  own = await createDatabase()
  database = connectDatabase({ connection: own.connectionString, poolSize: 1, onError: () => {} })
  const { prisma } = database
  await prisma.organisation.createMany({ data: organisations })
  await prisma.user.createMany({ data: users })
  const userIdsOf = (state: 'suspended' | null) =>
    members.filter(({ membership }) => membership === state).map(({ account }) => account.id)
  await prisma.membership.updateMany({
    where: { userId: { in: userIdsOf('suspended') } },
    data: { state: 'suspended' },
  })
  await prisma.membership.deleteMany({ where: { userId: { in: userIdsOf(null) } } })
  await prisma.client.createMany({ data: clients })
  await prisma.session.createMany({ data: sessions })
  for (let from = 0; from < grants.length; from += 2_000)
    await prisma.grant.createMany({ data: grants.slice(from, from + 2_000) })
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]))
const [organisationOf, userOf, clientOf, sessionOf] = [byId(organisations), byId(users), byId(clients), byId(sessions)]

function required<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Error('The matrix has no such row.')
  return row
}
const organisation = (rowId: string) => required(organisationOf.get(rowId))

async function select<Value>(text: string, values: readonly unknown[] = []): Promise<Map<string, Value>> {
  const { rows } = await database.pool.query<{ id: string; value: Value }>(text, [...values])
  return new Map(rows.map((row) => [row.id, row.value]))
}

/** Rows that the two judge differently, and how many different results there are: agreeing is not for want of cases. */
function compare<Value>(sql: ReadonlyMap<string, Value>, typescript: ReadonlyMap<string, Value>) {
  const ids = new Set([...sql.keys(), ...typescript.keys()])
  return {
    different: [...ids].filter((rowId) => sql.get(rowId) !== typescript.get(rowId)),
    results: new Set(sql.values()).size,
  }
}

describe('SQL and TypeScript agree on which are active:', () => {
  it('organisations', async () => {
    const sql = await select<boolean>(`SELECT id, ${organisationIsActive('o')} AS value FROM organisations o`)
    const typescript = new Map(organisations.map((row) => [row.id, isOrganisationActive(row.status)]))
    expect(compare(sql, typescript)).toEqual({ different: [], results: 2 })
    const found = await database.prisma.organisation.findMany({ where: activeOrganisation })
    expect(found.every((row) => sql.get(row.id))).toBe(true)
    expect(found).toHaveLength([...sql.values()].filter(Boolean).length)
  })

  it('users', async () => {
    const sql = await select<boolean>(`SELECT id, ${userIsActive('u')} AS value FROM users u`)
    expect(compare(sql, new Map(users.map((row) => [row.id, isUserActive(row)])))).toEqual({
      different: [],
      results: 2,
    })
    const found = await database.prisma.user.findMany({ where: activeUser })
    expect(found.every((row) => sql.get(row.id))).toBe(true)
    expect(found).toHaveLength([...sql.values()].filter(Boolean).length)
  })

  it('clients', async () => {
    const sql = await select<boolean>(
      `SELECT c.id, ${clientIsEnabled('c', '$1')} AND ${organisationIsActive('o')} AS value
       FROM clients c JOIN organisations o ON o.id = c.organisation_id`,
      [NOW],
    )
    const typescript = clients.map((row): [string, boolean] => {
      const { status } = organisation(row.organisationId)
      // A deleted client is not found, so that the model has no word for it.
      return [row.id, row.deletedAt === null && isClientActive({ ...row, organisation: { status } }, NOW)]
    })
    expect(compare(sql, new Map(typescript))).toEqual({ different: [], results: 2 })
  })

  it('sessions', async () => {
    const sql = await select<boolean>(
      `SELECT s.id, ${sessionIsActive('$1')} AS value
       FROM sessions s JOIN users u ON u.id = s.user_id JOIN organisations o ON o.id = s.organisation_id
       LEFT JOIN memberships m ON m.user_id = s.user_id AND m.organisation_id = s.organisation_id`,
      [NOW],
    )
    const typescript = sessions.map((row): [string, boolean] => {
      const user = required(userOf.get(row.userId))
      return [row.id, isSessionActive(row, user, membershipOf.get(user.id), organisation(row.organisationId), NOW)]
    })
    expect(compare(sql, new Map(typescript))).toEqual({ different: [], results: 2 })
  })

  it('grants, and for which reason they are not', async () => {
    const sql = await select<string | null>(
      `SELECT g.id, ${grantInactiveReason('$1')} AS value FROM grants g ${grantStatusJoins}`,
      [NOW],
    )
    const typescript = grants.map((grant): [string, string | null] => {
      const dependencies = {
        session: grant.sessionId === null ? undefined : sessionOf.get(grant.sessionId),
        user: userOf.get(grant.userId),
        membership: membershipOf.get(grant.userId),
        client: clientOf.get(grant.clientId),
        organisation: organisation(grant.organisationId),
      }
      return [grant.id, reasonOf(grant, dependencies, NOW) ?? null]
    })
    expect(compare(sql, new Map(typescript))).toEqual({ different: [], results: 8 })
  })

  it('memberships', async () => {
    const sql = await select<boolean>(
      `SELECT u.id, ${membershipIsActive('m')} AS value
       FROM users u LEFT JOIN memberships m ON m.user_id = u.id AND m.organisation_id = u.organisation_id`,
    )
    const typescript = users.map((row): [string, boolean] => [row.id, isMembershipActive(membershipOf.get(row.id))])
    expect(compare(sql, new Map(typescript))).toEqual({ different: [], results: 2 })
  })

  it('role assignments', async () => {
    const ends = [null, at(-1), NOW, at(1)].map((expiresAt) => ({ id: id(), expiresAt }))
    const sql = await select<boolean>(
      `SELECT a.id, ${assignmentIsEffective('a', '$3')} AS value
       FROM unnest($1::text[], $2::timestamptz[]) AS a(id, expires_at)`,
      [ends.map((row) => row.id), ends.map((row) => row.expiresAt), NOW],
    )
    const typescript = new Map(ends.map((row) => [row.id, isAssignmentEffective(row, NOW)]))
    expect(compare(sql, typescript)).toEqual({ different: [], results: 2 })
  })
})
