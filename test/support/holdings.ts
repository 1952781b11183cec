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
export interface Side {
  tenant: Tenant
  administrator: Person
  client: RegisteredTestClient
  rp: ReturnType<typeof relyingParty>
}

export async function createSide(api: Api): Promise<Side> {
  const tenant = await createTenant(api)
  const administrator = await api.addPerson(['*'], tenant.organisation)
  const client = await tenant.registerClient()
  return { tenant, administrator, client, rp: relyingParty(api, client) }
}

/** What is in somebody's hands. All of it works. */
export interface Holdings {
  code: string
  tokens: Tokens
  opaque: string
  machine: string
  initial: { id: string; token: string }
  registration: Registration
  /** A sign-in that is not the administrator's. */
  session: Person
  /** A browser of nobody, with the request that waits in it. */
  waiting: { browser: Browser; id: string }
  /** The address of a browser that brings a request that was pushed. */
  pushed: string
}

export async function makeHoldings(api: Api, { tenant, administrator, client, rp }: Side): Promise<Holdings> {
  const sealed = await tenant.registerClient({ accessTokenFormat: 'opaque' })
  const machine = await rp.exchange('', { grant_type: 'client_credentials', scope: 'api' })
  const made = await api.send(administrator, 'POST', '/v1/admin/initial-access-tokens', {
    body: { name: 'A', uses: 2 },
  })
  const initial = made.json<{ id: string; token: string }>()
  const registered = await register(api, initial.token)
  const { client_id: clientId, registration_access_token: token } = registered.json<Record<string, string>>()
  const browser = api.browser()
  await browser.get(relyingParty(api, client).authorizeUrl())
  return {
    code: await rp.code(tenant.browser()),
    tokens: await rp.tokens(tenant.browser(), { scope: 'openid profile email' }),
    opaque: (await relyingParty(api, sealed).tokens(tenant.browser())).access_token,
    machine: machine.json<{ access_token: string }>().access_token,
    initial,
    registration: { clientId: clientId ?? '', token: token ?? '' },
    session: await api.signInAgain(tenant.person),
    pushed: await rp.pushedUrl(),
    waiting: { browser, id: readForm(browser.page.body).hidden['request'] ?? '' },
  }
}

export const register = (api: Api, token: string, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: '/oauth2/register',
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload: { redirect_uris: [REDIRECT_URI] },
  })

/** All rows of an organisation. */
export async function everythingOf({ prisma }: Api, { tenant }: Side): Promise<Record<string, unknown[]>> {
  const where = { organisationId: tenant.organisation.id }
  const id = { id: 'asc' } as const
  return {
    clients: await prisma.client.findMany({ where, orderBy: id, include: { secrets: true, registration: true } }),
    users: await prisma.user.findMany({ where, orderBy: id }),
    sessions: await prisma.session.findMany({ where, orderBy: id }),
    grants: await prisma.grant.findMany({ where, orderBy: id }),
    codes: await prisma.authorizationCode.findMany({ where, orderBy: { codeHash: 'asc' } }),
    families: await prisma.refreshFamily.findMany({ where, orderBy: id }),
    consents: await prisma.consent.findMany({ where, orderBy: [{ userId: 'asc' }, { clientId: 'asc' }] }),
    waiting: await prisma.authorizationRequest.findMany({ where, orderBy: id }),
    pushed: await prisma.pushedAuthorizationRequest.findMany({ where, orderBy: { referenceHash: 'asc' } }),
    initial: await prisma.initialAccessToken.findMany({ where, orderBy: id }),
    revoked: await prisma.revokedToken.findMany({ where, orderBy: { jti: 'asc' } }),
    events: await prisma.auditEvent.findMany({ where, orderBy: id }),
  }
}
