import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resetOwner } from '../../src/organisations/reset-owner.ts'
import { createOwnerRepository } from '../../src/storage/organisations/owners.ts'
import { createTestApp, OWNER, type TestApp } from '../support/app.ts'
import { relyingParty } from '../support/relying-party.ts'

let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
})
afterAll(() => test.close())

const reset = (email?: string) =>
  resetOwner({
    owners: createOwnerRepository(test.database.pool),
    clock: test.clock,
    hashPassword: (password) => Promise.resolve(`hash of ${password}`),
    email,
  })

describe('resetting the owner', () => {
  it('ends sessions, revokes grants with and without a session, notifies clients, lifts a block, leaves an event', async () => {
    const { prisma } = test.database
    const client = await test.registerClient({ backchannelLogoutUri: 'https://app.example.com/logout' })
    const party = relyingParty(test, client)
    const online = await party.tokens(test.browser())
    const offline = await party.tokens(test.browser(), { scope: 'openid offline_access', prompt: 'consent' })
    const other = await prisma.user.create({
      data: {
        id: '01900000-0000-7000-8000-000000000001',
        organisationId: (await prisma.organisation.findFirstOrThrow()).id,
        email: 'other@acme.test',
        emailKey: 'other@acme.test',
        createdAt: test.clock.now(),
        updatedAt: test.clock.now(),
      },
    })
    await prisma.user.updateMany({ where: { email: OWNER.email }, data: { blockedAt: test.clock.now() } })

    const result = await reset()
    expect(result).toMatchObject({ outcome: 'reset', owner: { email: OWNER.email, organisationSlug: 'acme' } })
    const owner = await prisma.user.findFirstOrThrow({ where: { email: OWNER.email } })
    expect(owner.blockedAt).toBeNull()
    expect(owner.passwordHash).toBe(`hash of ${result.outcome === 'reset' && result.password}`)
    expect(await prisma.session.count({ where: { endedAt: null } })).toBe(0)
    expect(await prisma.grant.count({ where: { revokedAt: null } })).toBe(0)
    expect(await prisma.backchannelLogout.count({ where: { clientId: client.id } })).toBeGreaterThan(0)
    for (const { refresh_token } of [online, offline]) {
      expect((await party.refresh(refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
    }
    expect(await prisma.auditEvent.findMany({ where: { type: 'user.password_reset' } })).toMatchObject([
      { userId: owner.id, organisationId: owner.organisationId, metadata: { by: 'operator' } },
    ])
    expect(await prisma.user.findUniqueOrThrow({ where: { id: other.id } })).toMatchObject({ passwordHash: null })
  })

  it('needs to know which of several owners is meant, and only owners count', async () => {
    const { prisma } = test.database
    const role = await prisma.role.findFirstOrThrow({ where: { slug: 'owner' } })
    const [, other] = await prisma.user.findMany({ orderBy: { email: 'desc' } })
    expect(await reset('other@acme.test')).toMatchObject({ outcome: 'unknown', owners: [{ email: OWNER.email }] })
    await prisma.roleAssignment.create({
      data: {
        userId: other?.id ?? '',
        roleId: role.id,
        organisationId: role.organisationId,
        grantedAt: test.clock.now(),
      },
    })
    expect(await reset()).toMatchObject({ outcome: 'ambiguous', owners: [{ email: 'other@acme.test' }, {}] })
    expect(await reset(' Other@Acme.test')).toMatchObject({ outcome: 'reset', owner: { email: 'other@acme.test' } })
    await prisma.user.updateMany({ data: { deletedAt: test.clock.now() } })
    expect(await reset()).toEqual({ outcome: 'unknown', owners: [] })
  })
})
