// One of each thing that an organisation has and another must not touch.
import type { Api, Person } from './api.ts'
import type { RegisteredTestClient } from './app.ts'
import { readForm, type Browser } from './browser.ts'
import { relyingParty, REDIRECT_URI, type Tokens } from './relying-party.ts'
import { createTenant, type Tenant } from './tenant.ts'

export interface Registration {
  clientId: string
  token: string
}

/** An organisation with an administrator who may do everything, and an application. */
export interface OrganisationFixture {
  tenant: Tenant
  administrator: Person
  client: RegisteredTestClient
  rp: ReturnType<typeof relyingParty>
}

export async function createOrganisationFixture(api: Api): Promise<OrganisationFixture> {
  const tenant = await createTenant(api)
  const administrator = await api.addPerson(['*'], tenant.organisation)
  const client = await tenant.registerClient()
  return { tenant, administrator, client, rp: relyingParty(api, client) }
}

/** Credentials that were issued. All of them work. */
export interface IssuedCredentials {
  code: string
  tokens: Tokens
  opaqueToken: string
  machineToken: string
  initialAccessToken: { id: string; token: string }
  role: { id: string }
  team: { id: string }
  registration: Registration
  /** A sign-in that is not the administrator's. */
  session: Person
  /** A browser without a session, with its pending request. */
  pendingRequest: { browser: Browser; id: string }
  /** The address of a browser that brings a request that was pushed. */
  pushedUrl: string
}

export async function issueCredentials(
  api: Api,
  { tenant, administrator, client, rp }: OrganisationFixture,
): Promise<IssuedCredentials> {
  const opaqueTokenClient = await tenant.registerClient({ accessTokenFormat: 'opaque' })
  const machineResponse = await rp.exchange('', { grant_type: 'client_credentials', scope: 'api' })
  const initialTokenResponse = await api.send(administrator, 'POST', '/v1/admin/initial-access-tokens', {
    body: { name: 'A', uses: 2 },
  })
  const initialAccessToken = initialTokenResponse.json<{ id: string; token: string }>()
  const registered = await registerClient(api, initialAccessToken.token)
  const role = await api.send(administrator, 'POST', '/v1/admin/roles', {
    body: { name: 'Support', slug: 'support', permissions: ['users:read'] },
  })
  const team = await api.send(administrator, 'POST', '/v1/admin/teams', { body: { name: 'Team', slug: 'team' } })
  const { id: teamId } = team.json<{ id: string }>()
  await api.send(administrator, 'POST', `/v1/admin/teams/${teamId}/members`, { body: { userId: tenant.person.id } })
  const { client_id: clientId, registration_access_token: token } = registered.json<Record<string, string>>()
  const browser = api.browser()
  await browser.get(relyingParty(api, client).authorizeUrl())
  return {
    code: await rp.code(tenant.browser()),
    tokens: await rp.tokens(tenant.browser(), { scope: 'openid profile email' }),
    opaqueToken: (await relyingParty(api, opaqueTokenClient).tokens(tenant.browser())).access_token,
    machineToken: machineResponse.json<{ access_token: string }>().access_token,
    initialAccessToken,
    role: role.json<{ id: string }>(),
    team: { id: teamId },
    registration: { clientId: clientId ?? '', token: token ?? '' },
    session: await api.signInAgain(tenant.person),
    pushedUrl: await rp.pushedUrl(),
    pendingRequest: { browser, id: readForm(browser.page.body).hidden['request'] ?? '' },
  }
}

export const registerClient = (api: Api, token: string, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: '/oauth2/register',
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload: { redirect_uris: [REDIRECT_URI] },
  })

/** All rows of an organisation. */
export async function snapshotOrganisation(
  { prisma }: Api,
  { tenant }: OrganisationFixture,
): Promise<Record<string, unknown[]>> {
  const where = { organisationId: tenant.organisation.id }
  const id = { id: 'asc' } as const
  return {
    organisation: await prisma.organisation.findMany({ where: { id: where.organisationId } }),
    clients: await prisma.client.findMany({ where, orderBy: id, include: { secrets: true, registration: true } }),
    users: await prisma.user.findMany({ where, orderBy: id }),
    memberships: await prisma.membership.findMany({
      where,
      orderBy: { userId: 'asc' },
      include: { roleAssignments: true, teams: true },
    }),
    teams: await prisma.team.findMany({ where, orderBy: id, include: { roles: true } }),
    roles: await prisma.role.findMany({ where, orderBy: id, include: { permissions: true } }),
    sessions: await prisma.session.findMany({ where, orderBy: id }),
    grants: await prisma.grant.findMany({ where, orderBy: id }),
    codes: await prisma.authorizationCode.findMany({ where, orderBy: { codeHash: 'asc' } }),
    families: await prisma.refreshTokenFamily.findMany({ where, orderBy: id }),
    consents: await prisma.consent.findMany({ where, orderBy: [{ userId: 'asc' }, { clientId: 'asc' }] }),
    waiting: await prisma.pendingAuthorizationRequest.findMany({ where, orderBy: id }),
    pushed: await prisma.pushedAuthorizationRequest.findMany({ where, orderBy: { referenceHash: 'asc' } }),
    initial: await prisma.initialAccessToken.findMany({ where, orderBy: id }),
    revoked: await prisma.revokedToken.findMany({ where, orderBy: { jti: 'asc' } }),
    events: await prisma.auditEvent.findMany({ where, orderBy: id }),
  }
}
