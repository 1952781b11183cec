import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { relyingParty } from '../../support/relying-party.ts'

type Method = 'POST' | 'PATCH' | 'DELETE' | 'PUT'
type Attempt = [method: Method, url: string, body?: unknown, actor?: Person]
/** The fields that an operation changes, by name. Undefined: it changes none, but creates, deletes, ends or tests something. */
type Expected = readonly string[] | undefined

const ADMIN = '/v1/admin'
const jwk = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid: 'a', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

let api: Api
let operations: string[]
/** What the DNS says about every name. */
const txtRecords: string[] = []

beforeAll(async () => {
  // Mails stay in the queue: their server is closed.
  const mailbox = await openMailbox()
  await mailbox.close()
  api = await createApi({
    mail: mailbox.transport,
    resolveTxt: async () => ({ outcome: 'answered', records: txtRecords }),
  })
  const document = (await api.app.inject('/openapi.json')).json<{
    paths: Record<string, Record<string, { operationId: string }>>
  }>()
  operations = Object.entries(document.paths)
    .filter(([path]) => /^\/v1\/(?:admin|organisations|system)(?:\/|$)/.test(path))
    .flatMap(([, item]) =>
      Object.entries(item).flatMap(([method, { operationId }]) => (method === 'get' ? [] : [operationId])),
    )
})
afterAll(() => api.close())

const created = async (path: string, body: unknown) => {
  const answer = await api.send(api.owner, 'POST', `${ADMIN}/${path}`, { body })
  expect([path, answer.statusCode, answer.body.slice(0, 200)]).toEqual([path, 201, expect.anything()])
  return answer.json<{ id: string }>()
}
const newClient = () =>
  api.registerClient({
    clientType: 'confidential',
    grantTypes: ['authorization_code', 'refresh_token'],
    requireConsent: true,
  })
const newUser = async () => created('users', { email: `${Math.random()}@acme.test`, firstName: 'Ada' })
let made = 0
const newRole = async () => created('roles', { name: 'Role', slug: `role-${(made += 1)}`, permissions: ['users:read'] })
const newIssuer = async () =>
  created('software-statement-issuers', {
    issuer: `https://issuer-${(made += 1)}.example`,
    jwks: { keys: [jwk] },
    scopes: [],
  })
const newApiKey = async () => created('api-keys', { name: 'Key', scopes: ['users:read'] })
const serviceAccount = async (path = '') =>
  `${ADMIN}/service-accounts/${(await created('service-accounts', { name: `Account ${(made += 1)}` })).id}${path}`
async function serviceAccountWithRole() {
  const [url, { id: roleId }] = [await serviceAccount('/roles'), await newRole()]
  await api.send(api.owner, 'POST', url, { body: { roleId } })
  return { url, roleId }
}
const newDomain = async () => created('domains', { domain: `domain-${(made += 1)}.example` })
/** A member whose home is another organisation. */
async function guestMembership(path = '') {
  const { id } = await api.addPerson([], await api.addOrganisation(`home-${(made += 1)}`))
  const [now, organisationId] = [api.clock.now(), api.owner.organisation.id]
  await api.prisma.membership.create({
    data: { userId: id, organisationId, source: 'domain', joinedAt: now, updatedAt: now },
  })
  return `${ADMIN}/memberships/${id}${path}`
}
const membersOfResource = [
  'accessTokenFormat',
  'accessTokenSigningAlg',
  'accessTokenTyp',
  'clientKinds',
  'hostsMetadata',
  'identifier',
  'isActive',
  'localised',
  'maxClaimBytes',
  'name',
]
const newResource = async () => created('resources', { identifier: `https://api-${(made += 1)}.example`, name: 'API' })
const userAttribute = async () => {
  made += 1
  await created('user-attributes', { name: `attribute${made}`, type: 'string' })
  return `${ADMIN}/user-attributes/attribute${made}`
}
const newWebhook = async () =>
  created('webhooks', { url: `https://app-${(made += 1)}.example/hook`, events: ['role.created'] })
/** A webhook with a delivery, of a role that is made for it. */
const webhookWithDelivery = async () => {
  const webhook = await newWebhook()
  await newRole()
  await api.prisma.webhookDelivery.updateMany({ where: { endpointId: webhook.id }, data: { status: 'failed' } })
  const delivery = await api.prisma.webhookDelivery.findFirstOrThrow({ where: { endpointId: webhook.id } })
  return { webhook, delivery }
}
const newInvitation = async () => created('invitations', { email: `guest-${(made += 1)}@new.example` })
const newMail = async () => (await api.send(api.owner, 'POST', `${ADMIN}/mails/test`)).json<{ id: string }>()
const newOrganisation = () => ({ name: 'New', owner: { email: `owner-${(made += 1)}@new.example` } })
const createdOrganisation = async () =>
  (await api.send(api.owner, 'POST', '/v1/organisations', { body: newOrganisation() })).json<{
    id: string
    slug: string
    owner: { id: string; email: string }
    ownerPassword: string
  }>()
const client = async (path = '') => `${ADMIN}/clients/${(await newClient()).id}${path}`
const user = async (path = '') => `${ADMIN}/users/${(await newUser()).id}${path}`

const team = async (path = '') =>
  `${ADMIN}/teams/${(await created('teams', { name: 'Team', slug: `team-${(made += 1)}` })).id}${path}`

async function teamWithMember() {
  const [url, { id: userId }] = [await team('/members'), await newUser()]
  await api.send(api.owner, 'POST', url, { body: { userId } })
  return { url, userId }
}

async function teamWithRole() {
  const [url, { id: roleId }] = [await team('/roles'), await newRole()]
  await api.send(api.owner, 'POST', url, { body: { roleId } })
  return { url, roleId }
}

/** A client with a grant and a consent of the owner. */
async function usedClient() {
  const used = await newClient()
  await relyingParty(api, used).tokens()
  const grant = await api.prisma.grant.findFirstOrThrow({ where: { clientId: used.id } })
  return { url: `${ADMIN}/clients/${used.id}`, grantId: grant.id }
}

/** Every operation that is not a GET, by its operationId. A new one belongs here. */
const acts: Record<string, { attempt: () => Promise<Attempt>; changes: Expected }> = {
  addDomain: {
    attempt: async () => ['POST', `${ADMIN}/domains`, { domain: 'added.example' }],
    changes: ['domain'],
  },
  verifyDomain: {
    attempt: async () => {
      const domain = (await newDomain()) as { id: string; record?: { value: string } }
      txtRecords.push(domain.record?.value ?? '')
      return ['POST', `${ADMIN}/domains/${domain.id}/verify`]
    },
    changes: ['verifiedAt'],
  },
  updateDomain: {
    attempt: async () => ['PATCH', `${ADMIN}/domains/${(await newDomain()).id}`, { membership: 'suggested' }],
    changes: ['membership'],
  },
  suspendGuestMembership: {
    attempt: async () => ['POST', await guestMembership('/suspend'), { reason: 'Left' }],
    changes: ['state', 'suspendedReason'],
  },
  reactivateGuestMembership: {
    attempt: async () => {
      const url = await guestMembership()
      await api.send(api.owner, 'POST', `${url}/suspend`, { body: {} })
      return ['POST', `${url}/reactivate`]
    },
    changes: ['state'],
  },
  assignGuestRole: {
    attempt: async () => ['POST', await guestMembership('/roles'), { roleId: (await newRole()).id }],
    changes: ['roles'],
  },
  removeGuestRole: {
    attempt: async () => {
      const [url, { id: roleId }] = [await guestMembership('/roles'), await newRole()]
      await api.send(api.owner, 'POST', url, { body: { roleId } })
      return ['DELETE', `${url}/${roleId}`]
    },
    changes: ['roles'],
  },
  removeGuestMembership: { attempt: async () => ['DELETE', await guestMembership()], changes: ['state'] },
  deleteDomain: { attempt: async () => ['DELETE', `${ADMIN}/domains/${(await newDomain()).id}`], changes: ['domain'] },
  createResource: {
    attempt: async () => ['POST', `${ADMIN}/resources`, { identifier: 'https://added.example/api', name: 'Added' }],
    changes: membersOfResource,
  },
  updateResource: {
    attempt: async () => ['PATCH', `${ADMIN}/resources/${(await newResource()).id}`, { name: 'Renamed' }],
    changes: ['name'],
  },
  deleteResource: {
    attempt: async () => ['DELETE', `${ADMIN}/resources/${(await newResource()).id}`],
    changes: membersOfResource,
  },
  createServiceAccount: {
    attempt: async () => ['POST', `${ADMIN}/service-accounts`, { name: `Account ${(made += 1)}`, description: 'x' }],
    changes: ['description', 'name'],
  },
  updateServiceAccount: {
    attempt: async () => ['PATCH', await serviceAccount(), { status: 'disabled' }],
    changes: ['status'],
  },
  deleteServiceAccount: {
    attempt: async () => ['DELETE', await serviceAccount()],
    changes: ['apiKeyCount', 'name', 'status'],
  },
  assignServiceAccountRole: {
    attempt: async () => ['POST', await serviceAccount('/roles'), { roleId: (await newRole()).id }],
    changes: ['roles'],
  },
  removeServiceAccountRole: {
    attempt: async () => {
      const { url, roleId } = await serviceAccountWithRole()
      return ['DELETE', `${url}/${roleId}`]
    },
    changes: ['roles'],
  },
  createClient: {
    attempt: async () => [
      'POST',
      `${ADMIN}/clients`,
      { name: 'New', clientType: 'public', redirectUris: ['https://a.example/'] },
    ],
    changes: expect.arrayContaining(['name', 'clientType', 'redirectUris']) as string[],
  },
  cloneClient: {
    attempt: async () => ['POST', await client('/clone'), {}],
    changes: expect.arrayContaining(['name']) as string[],
  },
  updateClient: { attempt: async () => ['PATCH', await client(), { name: 'Changed' }], changes: ['name'] },
  replaceClient: {
    attempt: async () => [
      'PUT',
      await client(),
      { name: 'Other', clientType: 'confidential', redirectUris: ['https://a.example/'] },
    ],
    changes: expect.arrayContaining(['name', 'redirectUris', 'scopes']) as string[],
  },
  deleteClient: { attempt: async () => ['DELETE', await client()], changes: undefined },
  enableClient: {
    attempt: async () => {
      const url = await client()
      await api.send(api.owner, 'POST', `${url}/disable`)
      return ['POST', `${url}/enable`]
    },
    changes: ['isActive'],
  },
  disableClient: { attempt: async () => ['POST', await client('/disable')], changes: ['isActive'] },
  revokeClient: { attempt: async () => ['POST', await client('/revoke')], changes: ['isActive'] },
  testClient: { attempt: async () => ['POST', await client('/test'), {}], changes: undefined },
  addClientSecret: { attempt: async () => ['POST', await client('/secrets'), {}], changes: ['clientSecret'] },
  deleteClientSecret: {
    attempt: async () => {
      const url = await client('/secrets')
      const { data } = (await api.send(api.owner, 'GET', url)).json<{ data: { id: string }[] }>()
      return ['DELETE', `${url}/${data[0]?.id}`]
    },
    changes: undefined,
  },
  rotateClientSecret: { attempt: async () => ['POST', await client('/rotate-secret')], changes: ['clientSecret'] },
  regenerateClientSecret: {
    attempt: async () => ['POST', await client('/regenerate-secret')],
    changes: ['clientSecret'],
  },
  revokeClientGrant: {
    attempt: async () => {
      const { url, grantId } = await usedClient()
      return ['DELETE', `${url}/grants/${grantId}`]
    },
    changes: undefined,
  },
  revokeClientGrants: { attempt: async () => ['DELETE', `${(await usedClient()).url}/grants`], changes: undefined },
  revokeClientConsent: {
    attempt: async () => ['DELETE', `${(await usedClient()).url}/consents/${api.owner.id}`],
    changes: undefined,
  },
  revokeClientConsents: { attempt: async () => ['DELETE', `${(await usedClient()).url}/consents`], changes: undefined },
  createUser: {
    attempt: async () => [
      'POST',
      `${ADMIN}/users`,
      { email: 'changes@acme.test', password: PASSWORD, lastName: 'Byron' },
    ],
    changes: ['email', 'familyName', 'name', 'roles'],
  },
  updateUser: { attempt: async () => ['PATCH', await user(), { lastName: 'Byron' }], changes: ['familyName', 'name'] },
  importUsers: {
    attempt: async () => [
      'POST',
      `${ADMIN}/users/import`,
      { users: [{ email: 'import@changes.test', lastName: 'Moved' }] },
    ],
    changes: ['email', 'familyName', 'name', 'roles'],
  },
  changeUsers: {
    attempt: async () => {
      const { email } = (await (await api.send(api.owner, 'GET', await user())).json()) as { email: string }
      return ['POST', `${ADMIN}/users/bulk`, { filter: { email }, action: 'block', reason: 'Left', expectedCount: 1 }]
    },
    changes: ['blockedAt', 'blockedReason'],
  },
  endUserSession: {
    attempt: async () => {
      const person = await api.addPerson([])
      return ['DELETE', `${ADMIN}/users/${person.id}/sessions/${person.sessionId}`]
    },
    changes: undefined,
  },
  revokeUserGrant: {
    attempt: async () => ['DELETE', `${ADMIN}/users/${api.owner.id}/grants/${(await usedClient()).grantId}`],
    changes: undefined,
  },
  revokeUserGrants: {
    attempt: async () => {
      await usedClient()
      return ['DELETE', `${ADMIN}/users/${api.owner.id}/grants`]
    },
    changes: undefined,
  },
  revokeUserConsent: {
    attempt: async () => {
      const { url } = await usedClient()
      return ['DELETE', `${ADMIN}/users/${api.owner.id}/consents/${url.split('/').at(-1)}`]
    },
    changes: undefined,
  },
  revokeUserConsents: {
    attempt: async () => {
      await usedClient()
      return ['DELETE', `${ADMIN}/users/${api.owner.id}/consents`]
    },
    changes: undefined,
  },
  removeUserPassword: {
    attempt: async () => {
      const url = await user()
      await api.send(api.owner, 'POST', `${url}/password`, { body: { password: PASSWORD } })
      return ['DELETE', `${url}/sign-in-methods/password`]
    },
    changes: ['password'],
  },
  removeUserPasskey: {
    attempt: async () => {
      const url = await user('/sign-in-methods/passkeys')
      const [userId = ''] = url.split('/').slice(-3)
      const key = { credentialId: Buffer.from(userId), publicKey: Buffer.from('key'), signCount: 0, aaguid: userId }
      const { id } = await api.prisma.passkey.create({
        data: {
          ...key,
          id: crypto.randomUUID(),
          userId,
          organisationId: api.owner.organisation.id,
          backupEligible: false,
          backedUp: false,
          name: 'Key',
          transports: [],
          createdAt: api.clock.now(),
        },
      })
      return ['DELETE', `${url}/${id}`]
    },
    changes: undefined,
  },
  createUserAttribute: {
    attempt: async () => ['POST', `${ADMIN}/user-attributes`, { name: 'level', type: 'number' }],
    changes: ['access', 'name', 'required', 'searchable', 'titles', 'type', 'unique'],
  },
  updateUserAttribute: {
    attempt: async () => ['PATCH', await userAttribute(), { access: 'readable', titles: { en: 'Size' } }],
    changes: ['access', 'titles'],
  },
  deleteUserAttribute: {
    attempt: async () => ['DELETE', `${await userAttribute()}?users=0`],
    changes: ['access', 'name', 'required', 'searchable', 'titles', 'type', 'unique'],
  },
  deleteUser: { attempt: async () => ['DELETE', await user()], changes: ['deletedAt'] },
  restoreUser: {
    attempt: async () => {
      const url = await user()
      await api.send(api.owner, 'DELETE', url)
      return ['POST', `${url}/restore`]
    },
    changes: ['deletedAt'],
  },
  suspendUser: { attempt: async () => ['POST', await user('/suspend'), {}], changes: ['membership.state'] },
  reactivateUser: {
    attempt: async () => {
      const url = await user()
      await api.send(api.owner, 'POST', `${url}/suspend`, { body: { reason: 'Left' } })
      return ['POST', `${url}/reactivate`]
    },
    changes: ['membership.state', 'membership.suspendedReason'],
  },
  assignRole: {
    attempt: async () => ['POST', await user('/roles'), { roleId: (await newRole()).id }],
    changes: ['roles'],
  },
  removeRole: {
    attempt: async () => {
      const [url, role] = [await user('/roles'), await newRole()]
      await api.send(api.owner, 'POST', url, { body: { roleId: role.id } })
      return ['DELETE', `${url}/${role.id}`]
    },
    changes: ['roles'],
  },
  removeRoleByBody: {
    attempt: async () => {
      const [url, role] = [await user('/roles'), await newRole()]
      await api.send(api.owner, 'POST', url, { body: { roleId: role.id } })
      return ['DELETE', url, { roleId: role.id }]
    },
    changes: ['roles'],
  },
  endUserSessions: { attempt: async () => ['DELETE', await user('/sessions')], changes: undefined },
  setUserPassword: {
    attempt: async () => ['POST', await user('/password'), { password: PASSWORD }],
    changes: ['password'],
  },
  resetUserMfa: {
    attempt: async () => {
      const url = await user('/mfa')
      const userId = url.split('/').at(-2) ?? ''
      const stamps = { createdAt: api.clock.now(), confirmedAt: api.clock.now() }
      const { organisation } = api.owner
      await api.prisma.totpCredential.create({
        data: { userId, organisationId: organisation.id, secret: Buffer.from('sealed'), ...stamps },
      })
      return ['DELETE', url]
    },
    changes: ['mfaEnabled'],
  },
  createRole: {
    attempt: async () => ['POST', `${ADMIN}/roles`, { name: 'Named', slug: 'named', permissions: ['users:read'] }],
    changes: ['isDefault', 'name', 'permissions', 'slug'],
  },
  updateRole: {
    attempt: async () => ['PATCH', `${ADMIN}/roles/${(await newRole()).id}`, { name: 'Other' }],
    changes: ['name'],
  },
  deleteRole: { attempt: async () => ['DELETE', `${ADMIN}/roles/${(await newRole()).id}`], changes: undefined },
  grantPermission: {
    attempt: async () => ['POST', `${ADMIN}/roles/${(await newRole()).id}/permissions`, { permission: 'teams:read' }],
    changes: ['permissions'],
  },
  revokePermission: {
    attempt: async () => {
      const { id } = await api.prisma.permission.findFirstOrThrow({ where: { slug: 'users:read' } })
      return ['DELETE', `${ADMIN}/roles/${(await newRole()).id}/permissions/${id}`]
    },
    changes: ['permissions'],
  },
  revokePermissionByBody: {
    attempt: async () => ['DELETE', `${ADMIN}/roles/${(await newRole()).id}/permissions`, { permission: 'users:read' }],
    changes: ['permissions'],
  },
  updateOrganisation: {
    attempt: async () => ['PATCH', `${ADMIN}/organisation`, { name: 'Renamed' }],
    changes: ['name'],
  },
  setRegistrationPolicy: {
    attempt: async () => ['PUT', `${ADMIN}/registration-policy`, { policy: 'token' }],
    changes: ['policy'],
  },
  createInitialAccessToken: {
    attempt: async () => ['POST', `${ADMIN}/initial-access-tokens`, { name: 'New' }],
    changes: ['expiresAt', 'name', 'scopes', 'usesLeft'],
  },
  deleteInitialAccessToken: {
    attempt: async () => [
      'DELETE',
      `${ADMIN}/initial-access-tokens/${(await created('initial-access-tokens', { name: 'x' })).id}`,
    ],
    changes: undefined,
  },
  addSoftwareStatementIssuer: {
    attempt: async () => [
      'POST',
      `${ADMIN}/software-statement-issuers`,
      { issuer: 'https://new.example', jwks: { keys: [jwk] }, scopes: ['openid'] },
    ],
    changes: ['issuer', 'jwks', 'scopes'],
  },
  replaceSoftwareStatementIssuer: {
    attempt: async () => [
      'PUT',
      `${ADMIN}/software-statement-issuers/${(await newIssuer()).id}`,
      { jwksUri: 'https://new.example/jwks', scopes: ['openid'] },
    ],
    changes: ['jwks', 'jwksUri', 'scopes'],
  },
  removeSoftwareStatementIssuer: {
    attempt: async () => ['DELETE', `${ADMIN}/software-statement-issuers/${(await newIssuer()).id}`],
    changes: undefined,
  },
  createOrganisation: {
    attempt: async () => ['POST', '/v1/organisations', newOrganisation()],
    changes: expect.arrayContaining(['name', 'slug', 'status']) as string[],
  },
  updateSystemOrganisation: {
    attempt: async () => {
      const { id } = await createdOrganisation()
      return ['PATCH', `/v1/system/organisations/${id}`, { status: 'suspended', statusReason: 'Unpaid' }]
    },
    changes: ['status', 'statusReason'],
  },
  deleteOrganisation: {
    attempt: async () => {
      const { id, slug, owner, ownerPassword: password } = await createdOrganisation()
      const cookie = await api.signIn({ email: owner.email, password })
      const actor = { id: owner.id, organisation: { id, slug }, sessionId: '', cookie }
      return ['DELETE', `${ADMIN}/organisation?confirmDomain=${slug}`, undefined, actor]
    },
    changes: ['status'],
  },
  deleteSystemOrganisation: {
    attempt: async () => {
      const { id, slug } = await createdOrganisation()
      return ['DELETE', `/v1/system/organisations/${id}?confirmDomain=${slug}`]
    },
    changes: ['status'],
  },
  restoreSystemOrganisation: {
    attempt: async () => {
      const { id, slug } = await createdOrganisation()
      await api.send(api.owner, 'DELETE', `/v1/system/organisations/${id}?confirmDomain=${slug}`)
      return ['POST', `/v1/system/organisations/${id}/restore`]
    },
    changes: undefined,
  },
  createOnboardingToken: {
    attempt: async () => ['POST', '/v1/system/onboarding-tokens', { email: `new-${(made += 1)}@new.example` }],
    changes: ['email', 'expiresAt'],
  },
  deleteOnboardingToken: {
    attempt: async () => {
      const body = { email: `new-${(made += 1)}@new.example` }
      const answer = await api.send(api.owner, 'POST', '/v1/system/onboarding-tokens', { body })
      return ['DELETE', `/v1/system/onboarding-tokens/${answer.json<{ id: string }>().id}`]
    },
    changes: undefined,
  },
  rotateSigningKeys: {
    attempt: async () => ['POST', `${ADMIN}/signing-keys/rotate`, { algorithms: ['ES256'], when: 'now' }],
    changes: ['signingKeys'],
  },
  createTeam: {
    attempt: async () => ['POST', `${ADMIN}/teams`, { name: 'Team', slug: 'team' }],
    changes: ['name', 'slug'],
  },
  updateTeam: { attempt: async () => ['PATCH', await team(), { name: 'Changed' }], changes: ['name'] },
  deleteTeam: { attempt: async () => ['DELETE', await team()], changes: ['name', 'slug'] },
  addTeamMembers: {
    attempt: async () => ['POST', await team('/members'), { userId: (await newUser()).id }],
    changes: ['members'],
  },
  removeTeamMember: {
    attempt: async () => {
      const { url, userId } = await teamWithMember()
      return ['DELETE', `${url}/${userId}`]
    },
    changes: ['members'],
  },
  removeTeamMembersByBody: {
    attempt: async () => {
      const { url, userId } = await teamWithMember()
      return ['DELETE', url, { userIds: [userId] }]
    },
    changes: ['members'],
  },
  assignTeamRole: {
    attempt: async () => ['POST', await team('/roles'), { roleId: (await newRole()).id }],
    changes: ['roles'],
  },
  removeTeamRole: {
    attempt: async () => {
      const { url, roleId } = await teamWithRole()
      return ['DELETE', `${url}/${roleId}`]
    },
    changes: ['roles'],
  },
  removeTeamRoleByBody: {
    attempt: async () => {
      const { url, roleId } = await teamWithRole()
      return ['DELETE', url, { roleId }]
    },
    changes: ['roles'],
  },
  createInvitation: {
    attempt: async () => ['POST', `${ADMIN}/invitations`, { email: 'invited@new.example' }],
    changes: ['email', 'expiresAt', 'roles'],
  },
  importInvitations: {
    attempt: async () => ['POST', `${ADMIN}/invitations/import`, { invitations: [{ email: 'many@new.example' }] }],
    changes: ['email', 'expiresAt', 'roles'],
  },
  resendInvitation: {
    attempt: async () => ['POST', `${ADMIN}/invitations/${(await newInvitation()).id}/resend`],
    changes: ['expiresAt'],
  },
  deleteInvitation: {
    attempt: async () => ['DELETE', `${ADMIN}/invitations/${(await newInvitation()).id}`],
    changes: ['status'],
  },
  changeUserEmail: {
    attempt: async () => ['POST', `${ADMIN}/users/${(await newUser()).id}/email`, { email: 'moved@new.example' }],
    changes: ['email'],
  },
  sendTestMail: {
    attempt: async () => ['POST', `${ADMIN}/mails/test`],
    changes: undefined,
  },
  resendMail: {
    attempt: async () => {
      const { id } = await newMail()
      // The attempt has ended, and does not change the row any more.
      await eventually(
        () => api.prisma.outgoingMail.findUniqueOrThrow({ where: { id } }),
        ({ error }) => error !== null,
      )
      await api.prisma.outgoingMail.update({ where: { id }, data: { failedAt: api.clock.now(), nextAttemptAt: null } })
      return ['POST', `${ADMIN}/mails/${id}/resend`]
    },
    changes: ['status'],
  },
  createWebhook: {
    attempt: async () => ['POST', `${ADMIN}/webhooks`, { url: 'https://app.example/hook', events: ['*'] }],
    changes: ['events', 'isActive', 'ordered', 'url'],
  },
  updateWebhook: {
    attempt: async () => ['PATCH', `${ADMIN}/webhooks/${(await newWebhook()).id}`, { events: ['user.*'] }],
    changes: ['events'],
  },
  deleteWebhook: {
    attempt: async () => ['DELETE', `${ADMIN}/webhooks/${(await newWebhook()).id}`],
    changes: ['events', 'isActive', 'ordered', 'url'],
  },
  rotateWebhookSecret: {
    attempt: async () => ['POST', `${ADMIN}/webhooks/${(await newWebhook()).id}/rotate-secret`, {}],
    changes: ['secret'],
  },
  testWebhook: {
    attempt: async () => ['POST', `${ADMIN}/webhooks/${(await newWebhook()).id}/test`],
    changes: undefined,
  },
  testWebhookByBody: {
    attempt: async () => ['POST', `${ADMIN}/webhooks/test`, { webhookId: (await newWebhook()).id }],
    changes: undefined,
  },
  redeliverWebhookDelivery: {
    attempt: async () => {
      const { webhook, delivery } = await webhookWithDelivery()
      return ['POST', `${ADMIN}/webhooks/${webhook.id}/deliveries/${delivery.id}/redeliver`]
    },
    changes: undefined,
  },
  redeliverWebhookRange: {
    attempt: async () => {
      const { webhook } = await webhookWithDelivery()
      return ['POST', `${ADMIN}/webhooks/${webhook.id}/redeliver`, { since: '2020-01-01T00:00:00Z' }]
    },
    changes: undefined,
  },
  createApiKey: {
    attempt: async () => ['POST', `${ADMIN}/api-keys`, { name: 'Key', scopes: ['users:read'] }],
    changes: ['expiresAt', 'name', 'scopes'],
  },
  rotateApiKey: {
    attempt: async () => ['POST', `${ADMIN}/api-keys/${(await newApiKey()).id}/rotate`, {}],
    changes: ['expiresAt', 'prefix'],
  },
  revokeApiKey: {
    attempt: async () => ['POST', `${ADMIN}/api-keys/${(await newApiKey()).id}/revoke`],
    changes: ['status'],
  },
  // The last one: the caller is not an owner any more.
  transferOwnership: {
    attempt: async () => [
      'POST',
      `${ADMIN}/organisation/transfer-ownership`,
      { userId: (await newUser()).id, confirm: api.owner.organisation.slug },
    ],
    changes: ['owner'],
  },
}

describe('every operation that changes something leaves an audit event', () => {
  it('is listed here', () => {
    expect(operations.length).toBeGreaterThan(40)
    expect(Object.keys(acts).toSorted()).toEqual(operations.toSorted())
  })

  it.each(Object.entries(acts))('%s, with who, from where, and what changed', async (_, { attempt, changes }) => {
    const [method, url, body, actor = api.owner] = await attempt()
    const { count } = await api.prisma.auditEvent.deleteMany()
    expect(count).toBeGreaterThan(0)
    const answer = await api.send(actor, method, url, { body, headers: { 'user-agent': 'Auditable' } })
    expect([url, answer.statusCode, answer.body.slice(0, 200)]).toEqual([
      url,
      expect.toSatisfy((status: number) => status < 300),
      expect.anything(),
    ])
    // What the operator does to another organisation leaves an event there, too.
    const events = await api.prisma.auditEvent.findMany({ where: { organisationId: actor.organisation.id } })
    expect(events).toMatchObject([
      {
        organisationId: actor.organisation.id,
        userId: actor.id,
        ipAddress: '127.0.0.1',
        userAgent: 'Auditable',
        requestId: answer.headers['x-request-id'],
        success: true,
      },
    ])
    const stored = events[0]?.changes as { field: string; from?: unknown; to?: unknown }[] | null
    expect(stored?.map(({ field }) => field).toSorted()).toEqual(changes)
    const unchanged = (stored ?? []).filter(({ from, to }) => to !== '***' && isDeepStrictEqual(from, to))
    expect(unchanged).toEqual([])
  })
})
