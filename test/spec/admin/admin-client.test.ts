import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as adminClient from '../../../packages/admin-client/src/index.ts'
import { createTestApp, type TestApp } from '../../support/app.ts'

const { asDryRun, createAdminClient, operationsOf, readAllPages } = adminClient

let test: TestApp
let document: adminClient.OpenApiDocument
beforeAll(async () => {
  test = await createTestApp()
  document = (await test.app.inject('/openapi.json')).json()
})
afterAll(() => test.close())

/** A request of each kind, by the operationId that its function is named after. */
const requests: Readonly<Record<string, adminClient.ApiRequest>> = {
  listClients: adminClient.listClients({ search: 'x' }),
  getClient: adminClient.getClient('x'),
  createClient: adminClient.createClient({ name: 'x' }),
  updateClient: adminClient.updateClient('x', { name: 'y' }),
  replaceClient: adminClient.replaceClient('x', { name: 'y' }),
  deleteClient: adminClient.deleteClient('x'),
  enableClient: adminClient.enableClient('x'),
  disableClient: adminClient.disableClient('x'),
  cloneClient: adminClient.cloneClient('x', 'y'),
  revokeClient: adminClient.revokeClient('x'),
  lintClient: adminClient.lintClient('x'),
  testClient: adminClient.testClient('x'),
  previewClientClaims: adminClient.previewClientClaims('x', { userId: 'y' }),
  listClientSecrets: adminClient.listClientSecrets('x'),
  addClientSecret: adminClient.addClientSecret('x', { label: 'y' }),
  deleteClientSecret: adminClient.deleteClientSecret('x', 'y'),
  rotateClientSecret: adminClient.rotateClientSecret('x', 0),
  listClientGrants: adminClient.listClientGrants('x'),
  listClientConsents: adminClient.listClientConsents('x'),
  listClientEvents: adminClient.listClientEvents('x'),
  revokeClientGrant: adminClient.revokeClientGrant('x', 'y'),
  revokeClientGrants: adminClient.revokeClientGrants('x'),
  revokeClientConsent: adminClient.revokeClientConsent('x', 'y'),
  revokeClientConsents: adminClient.revokeClientConsents('x'),
  listInvitations: adminClient.listInvitations({ status: 'pending' }),
  getInvitation: adminClient.getInvitation('x'),
  createInvitation: adminClient.createInvitation({ email: 'x' }),
  importInvitations: adminClient.importInvitations([{ email: 'x' }], { dryRun: true }),
  resendInvitation: adminClient.resendInvitation('x'),
  deleteInvitation: adminClient.deleteInvitation('x'),
  changeUserEmail: adminClient.changeUserEmail('x', 'y'),
  listMails: adminClient.listMails({ status: 'failed' }),
  resendMail: adminClient.resendMail('x'),
  sendTestMail: adminClient.sendTestMail(),
  listServiceAccounts: adminClient.listServiceAccounts({ status: 'active' }),
  getServiceAccount: adminClient.getServiceAccount('x'),
  createServiceAccount: adminClient.createServiceAccount({ name: 'x' }),
  updateServiceAccount: adminClient.updateServiceAccount('x', { status: 'disabled' }),
  deleteServiceAccount: adminClient.deleteServiceAccount('x'),
  listServiceAccountRoles: adminClient.listServiceAccountRoles('x'),
  assignServiceAccountRole: adminClient.assignServiceAccountRole('x', { roleId: 'y' }),
  removeServiceAccountRole: adminClient.removeServiceAccountRole('x', 'y'),
  listResources: adminClient.listResources({ search: 'x' }),
  getResource: adminClient.getResource('x'),
  createResource: adminClient.createResource({ identifier: 'x' }),
  updateResource: adminClient.updateResource('x', { name: 'y' }),
  deleteResource: adminClient.deleteResource('x'),
  listDomains: adminClient.listDomains({ status: 'verified' }),
  getDomain: adminClient.getDomain('x'),
  addDomain: adminClient.addDomain({ domain: 'x' }),
  updateDomain: adminClient.updateDomain('x', { membership: 'none' }),
  listGuestMemberships: adminClient.listGuestMemberships({ search: 'x' }),
  getGuestMembership: adminClient.getGuestMembership('x'),
  listGuestRoles: adminClient.listGuestRoles('x'),
  assignGuestRole: adminClient.assignGuestRole('x', { roleId: 'y' }),
  removeGuestRole: adminClient.removeGuestRole('x', 'y', 'z'),
  suspendGuestMembership: adminClient.suspendGuestMembership('x', 'y'),
  reactivateGuestMembership: adminClient.reactivateGuestMembership('x'),
  removeGuestMembership: adminClient.removeGuestMembership('x'),
  verifyDomain: adminClient.verifyDomain('x'),
  deleteDomain: adminClient.deleteDomain('x'),
  listApiKeys: adminClient.listApiKeys({ status: 'active' }),
  getApiKey: adminClient.getApiKey('x'),
  createApiKey: adminClient.createApiKey({ name: 'x' }),
  rotateApiKey: adminClient.rotateApiKey('x', 60),
  revokeApiKey: adminClient.revokeApiKey('x'),
  listWebhooks: adminClient.listWebhooks({ search: 'x' }),
  getWebhook: adminClient.getWebhook('x'),
  createWebhook: adminClient.createWebhook({ url: 'x' }),
  updateWebhook: adminClient.updateWebhook('x', { url: 'y' }),
  deleteWebhook: adminClient.deleteWebhook('x'),
  rotateWebhookSecret: adminClient.rotateWebhookSecret('x', 60),
  testWebhook: adminClient.testWebhook('x'),
  listWebhookDeliveries: adminClient.listWebhookDeliveries('x', { status: 'failed' }),
  getWebhookDelivery: adminClient.getWebhookDelivery('x', 'y'),
  redeliverWebhookDelivery: adminClient.redeliverWebhookDelivery('x', 'y'),
  redeliverWebhookRange: adminClient.redeliverWebhookRange('x', { since: 'y' }),
  listEvents: adminClient.listEvents({ types: 'user.*' }),
  listAuditLogs: adminClient.listAuditLogs({ search: 'x' }),
  getAuditLog: adminClient.getAuditLog('x'),
  exportAuditLogs: adminClient.exportAuditLogs({ format: 'csv' }),
  exportAuditChain: adminClient.exportAuditChain(),
  getRegistrationPolicy: adminClient.getRegistrationPolicy(),
  setRegistrationPolicy: adminClient.setRegistrationPolicy({ policy: 'open' }),
  listInitialAccessTokens: adminClient.listInitialAccessTokens(),
  createInitialAccessToken: adminClient.createInitialAccessToken({ name: 'x' }),
  deleteInitialAccessToken: adminClient.deleteInitialAccessToken('x'),
  listSoftwareStatementIssuers: adminClient.listSoftwareStatementIssuers(),
  addSoftwareStatementIssuer: adminClient.addSoftwareStatementIssuer({}),
  replaceSoftwareStatementIssuer: adminClient.replaceSoftwareStatementIssuer('x', {}),
  removeSoftwareStatementIssuer: adminClient.removeSoftwareStatementIssuer('x'),
  listUsers: adminClient.listUsers({ search: 'x' }),
  getUser: adminClient.getUser('x'),
  createUser: adminClient.createUser({ email: 'x' }),
  updateUser: adminClient.updateUser('x', { firstName: 'y' }),
  deleteUser: adminClient.deleteUser('x', { erase: true }),
  suspendUser: adminClient.suspendUser('x', 'y'),
  reactivateUser: adminClient.reactivateUser('x'),
  restoreUser: adminClient.restoreUser('x'),
  listUserRoles: adminClient.listUserRoles('x'),
  assignRole: adminClient.assignRole('x', { roleId: 'y' }),
  removeRole: adminClient.removeRole('x', 'y'),
  listTeams: adminClient.listTeams({ search: 'x' }),
  getTeam: adminClient.getTeam('x'),
  createTeam: adminClient.createTeam({ name: 'x' }),
  updateTeam: adminClient.updateTeam('x', { name: 'y' }),
  deleteTeam: adminClient.deleteTeam('x'),
  listTeamMembers: adminClient.listTeamMembers('x'),
  addTeamMembers: adminClient.addTeamMembers('x', ['y']),
  removeTeamMember: adminClient.removeTeamMember('x', 'y'),
  listTeamRoles: adminClient.listTeamRoles('x'),
  assignTeamRole: adminClient.assignTeamRole('x', { roleId: 'y' }),
  removeTeamRole: adminClient.removeTeamRole('x', 'y'),
  transferOwnership: adminClient.transferOwnership({ userId: 'y', confirm: 'x' }),
  explainPermission: adminClient.explainPermission('x', 'users:read'),
  listUserSessions: adminClient.listUserSessions('x'),
  endUserSessions: adminClient.endUserSessions('x'),
  setUserPassword: adminClient.setUserPassword('x', 'y'),
  exportUsers: adminClient.exportUsers({ format: 'csv' }),
  importUsers: adminClient.importUsers([{ email: 'x' }], { dryRun: true }),
  changeUsers: adminClient.changeUsers({ filter: {}, action: 'unblock' }),
  endUserSession: adminClient.endUserSession('x', 'y'),
  listUserGrants: adminClient.listUserGrants('x', { page: '1' }),
  revokeUserGrant: adminClient.revokeUserGrant('x', 'y'),
  revokeUserGrants: adminClient.revokeUserGrants('x'),
  listUserConsents: adminClient.listUserConsents('x'),
  revokeUserConsent: adminClient.revokeUserConsent('x', 'y'),
  revokeUserConsents: adminClient.revokeUserConsents('x'),
  listSignInMethods: adminClient.listSignInMethods('x'),
  removeUserPassword: adminClient.removeUserPassword('x'),
  removeUserPasskey: adminClient.removeUserPasskey('x', 'y'),
  listUserAttributes: adminClient.listUserAttributes(),
  getUserAttribute: adminClient.getUserAttribute('y'),
  createUserAttribute: adminClient.createUserAttribute({ name: 'x', type: 'string' }),
  updateUserAttribute: adminClient.updateUserAttribute('y', { access: 'hidden' }),
  deleteUserAttribute: adminClient.deleteUserAttribute('y', 1),
  resetUserMfa: adminClient.resetUserMfa('x'),
  getOrganisation: adminClient.getOrganisation(),
  updateOrganisation: adminClient.updateOrganisation({}),
  deleteOrganisation: adminClient.deleteOrganisation('x'),
  deleteSystemOrganisation: adminClient.deleteSystemOrganisation('x', 'x'),
  restoreSystemOrganisation: adminClient.restoreSystemOrganisation('x'),
  listOnboardingTokens: adminClient.listOnboardingTokens({ page: '1' }),
  createOnboardingToken: adminClient.createOnboardingToken({}),
  deleteOnboardingToken: adminClient.deleteOnboardingToken('x'),
  listOrganisations: adminClient.listOrganisations({ search: 'x' }),
  createOrganisation: adminClient.createOrganisation({}),
  getSystemOrganisation: adminClient.getSystemOrganisation('x'),
  updateSystemOrganisation: adminClient.updateSystemOrganisation('x', {}),
  listRoles: adminClient.listRoles({ search: 'x' }),
  getRole: adminClient.getRole('x'),
  createRole: adminClient.createRole({ name: 'x' }),
  updateRole: adminClient.updateRole('x', { name: 'y' }),
  deleteRole: adminClient.deleteRole('x'),
  grantPermission: adminClient.grantPermission('x', { permission: 'users:read' }),
  revokePermission: adminClient.revokePermission('x', 'y'),
  listPermissions: adminClient.listPermissions(),
  getPermission: adminClient.getPermission('x'),
  listSigningKeys: adminClient.listSigningKeys(),
  rotateSigningKeys: adminClient.rotateSigningKeys({ when: 'known' }),
  getAuthorizationTrace: adminClient.getAuthorizationTrace('x'),
}

type BaseName<Value> = Value extends string
  ? 'string'
  : Value extends number
    ? 'integer'
    : Value extends boolean
      ? 'boolean'
      : Value extends readonly unknown[]
        ? 'array'
        : 'object'
/** The JSON type of each member of an interface. The compiler compares it with the interface. */
type MemberTypes<Item> = {
  [Name in keyof Item]-?: null extends Item[Name] ? `${BaseName<NonNullable<Item[Name]>>}|null` : BaseName<Item[Name]>
}

const secret: MemberTypes<adminClient.ClientSecret> = {
  id: 'string',
  label: 'string|null',
  expiresAt: 'string|null',
  createdAt: 'string',
  lastUsedAt: 'string|null',
}
const token: MemberTypes<adminClient.InitialAccessToken> = {
  id: 'string',
  name: 'string',
  userId: 'string|null',
  actingClientId: 'string|null',
  usesLeft: 'integer',
  scopes: 'array',
  expiresAt: 'string',
  lastUsedAt: 'string|null',
  createdAt: 'string',
}
const policy: MemberTypes<adminClient.RegistrationPolicy> = {
  policy: 'string',
  profile: 'string',
  softwareStatementRequired: 'boolean',
  clientIdMetadataDocuments: 'string',
  clientIdMetadataHosts: 'array',
  clientIdMetadataScopes: 'array',
}
const issuer: MemberTypes<adminClient.SoftwareStatementIssuer> = {
  id: 'string',
  issuer: 'string',
  jwks: 'object|null',
  jwksUri: 'string|null',
  scopes: 'array',
  createdAt: 'string',
  updatedAt: 'string',
}
const key: MemberTypes<adminClient.SigningKey> = {
  kid: 'string',
  alg: 'string',
  state: 'string',
  createdAt: 'string',
  activatesAt: 'string',
}
const grant: MemberTypes<adminClient.ClientGrant> = {
  id: 'string',
  userId: 'string',
  email: 'string',
  scopes: 'array',
  offline: 'boolean',
  createdAt: 'string',
}
const consent: MemberTypes<adminClient.ClientConsent> = {
  userId: 'string',
  email: 'string',
  scopes: 'array',
  grantedAt: 'string',
}
const event: MemberTypes<adminClient.ClientEvent> = {
  id: 'string',
  occurredAt: 'string',
  type: 'string',
  action: 'string',
  success: 'boolean',
  userId: 'string|null',
  email: 'string|null',
  ipAddress: 'string|null',
  userAgent: 'string|null',
  requestId: 'string|null',
  metadata: 'object',
  changes: 'array',
}
const check: MemberTypes<adminClient.Check> = {
  name: 'string',
  outcome: 'string',
  expected: 'string',
  seen: 'string',
  advice: 'string|null',
}
const failure: MemberTypes<adminClient.AuthorizationFailure> = {
  reference: 'string',
  clientId: 'string',
  error: 'string',
  checks: 'array',
  createdAt: 'string',
  expiresAt: 'string',
}
const permission: MemberTypes<adminClient.Permission> = {
  id: 'string',
  slug: 'string',
  name: 'string',
  description: 'string',
  category: 'string',
  resource: 'string',
  action: 'string',
}
const organisation: MemberTypes<adminClient.Organisation> = {
  id: 'string',
  slug: 'string',
  status: 'string',
  isOperator: 'boolean',
  ownerId: 'string|null',
  name: 'string',
  email: 'string|null',
  phone: 'string|null',
  website: 'string|null',
  allowedCallbackUrls: 'array',
  allowedLogoutUrls: 'array',
  allowedOrigins: 'array',
  sessionLifetime: 'integer',
  sessionIdleTimeout: 'integer',
  staySignedInLifetime: 'integer|null',
  auditTokens: 'boolean',
  requireMfa: 'boolean',
  offerPasskeys: 'boolean',
  allowedMfaMethods: 'array',
  authenticationPolicy: 'object',
  passwordPolicy: 'object',
  auditRetentionDays: 'integer|null',
  tokenLifetimePolicy: 'object',
  branding: 'object',
  metadata: 'object',
  createdAt: 'string',
  updatedAt: 'string',
}
const systemOrganisation: MemberTypes<adminClient.SystemOrganisation> = {
  ...organisation,
  statusReason: 'string|null',
  deletedAt: 'string|null',
  purgedAfter: 'string|null',
}
const onboardingToken: MemberTypes<adminClient.OnboardingToken> = {
  id: 'string',
  email: 'string',
  createdBy: 'string|null',
  expiresAt: 'string',
  consumedAt: 'string|null',
  organisationId: 'string|null',
  createdAt: 'string',
}
const role: MemberTypes<adminClient.Role> = {
  id: 'string',
  name: 'string',
  slug: 'string',
  description: 'string|null',
  isDefault: 'boolean',
  isSystemRole: 'boolean',
  organisationId: 'string',
  permissions: 'array',
  createdAt: 'string',
  updatedAt: 'string',
  _count: 'object',
}
const user: MemberTypes<adminClient.User> = {
  id: 'string',
  externalId: 'string|null',
  email: 'string',
  emailVerified: 'boolean',
  name: 'string|null',
  firstName: 'string|null',
  middleName: 'string|null',
  lastName: 'string|null',
  nickname: 'string|null',
  preferredUsername: 'string|null',
  profile: 'string|null',
  picture: 'string|null',
  website: 'string|null',
  gender: 'string|null',
  birthdate: 'string|null',
  zoneinfo: 'string|null',
  locale: 'string|null',
  phone: 'string|null',
  phoneVerified: 'boolean',
  address: 'object|null',
  status: 'string',
  blockedAt: 'string|null',
  blockedReason: 'string|null',
  deletedAt: 'string|null',
  hasPassword: 'boolean',
  mfaEnabled: 'boolean',
  lastLoginAt: 'string|null',
  createdAt: 'string',
  updatedAt: 'string',
  membership: 'object',
  roles: 'array',
  teams: 'array',
  attributes: 'object',
}
const team: MemberTypes<adminClient.Team> = {
  id: 'string',
  name: 'string',
  slug: 'string',
  description: 'string|null',
  organisationId: 'string',
  members: 'array',
  roles: 'array',
  createdAt: 'string',
  updatedAt: 'string',
  _count: 'object',
}
const teamMember: MemberTypes<adminClient.TeamMember> = {
  id: 'string',
  email: 'string',
  name: 'string|null',
  joinedAt: 'string',
}
const roleAssignment: MemberTypes<adminClient.RoleAssignment> = {
  id: 'string',
  role: 'object',
  team: 'object|null',
  within: 'object|null',
  grantedBy: 'string|null',
  grantedAt: 'string',
  expiresAt: 'string|null',
  isEffective: 'boolean',
}
const changedMembers: MemberTypes<adminClient.ChangedMembers> = {
  message: 'string',
  teamId: 'string',
  userId: 'string',
  userIds: 'array',
}
const userSession: MemberTypes<adminClient.UserSession> = {
  id: 'string',
  ipAddress: 'string|null',
  userAgent: 'string|null',
  authenticatedAt: 'string',
  lastActivityAt: 'string',
  expiresAt: 'string',
  createdAt: 'string',
}
const endedAccess: MemberTypes<adminClient.EndedAccess> = { sessions: 'integer', grants: 'integer' }
const effectivePermission: MemberTypes<adminClient.EffectivePermission> = {
  permission: 'string',
  granted: 'boolean',
  through: 'array',
}
const claimsPreview: MemberTypes<adminClient.ClaimsPreview> = {
  scope: 'string',
  idToken: 'object|null',
  accessToken: 'object',
  userinfo: 'object|null',
  introspection: 'object',
}
const warning: MemberTypes<adminClient.Warning> = {
  code: 'string',
  member: 'string',
  message: 'string',
  advice: 'string',
}

/** What each operation returns by the interfaces of the admin client; `below` is the member that has the items. */
const results: readonly { operation: string; below?: string; members: Readonly<Record<string, string>> }[] = [
  { operation: 'listClientSecrets', below: 'data', members: secret },
  { operation: 'addClientSecret', members: { ...secret, clientSecret: 'string' } },
  { operation: 'listClientGrants', below: 'data', members: grant },
  { operation: 'listClientConsents', below: 'data', members: consent },
  { operation: 'listClientEvents', below: 'data', members: event },
  { operation: 'listInitialAccessTokens', below: 'data', members: token },
  { operation: 'createInitialAccessToken', members: { ...token, token: 'string' } },
  { operation: 'getRegistrationPolicy', members: policy },
  { operation: 'setRegistrationPolicy', members: policy },
  { operation: 'listSoftwareStatementIssuers', below: 'data', members: issuer },
  { operation: 'addSoftwareStatementIssuer', members: issuer },
  { operation: 'replaceSoftwareStatementIssuer', members: issuer },
  { operation: 'listUsers', below: 'data', members: user },
  { operation: 'getUser', members: user },
  { operation: 'createUser', members: user },
  { operation: 'listUserSessions', below: 'data', members: userSession },
  { operation: 'endUserSessions', members: endedAccess },
  { operation: 'setUserPassword', members: endedAccess },
  { operation: 'resetUserMfa', members: endedAccess },
  { operation: 'listUserRoles', below: 'data', members: roleAssignment },
  { operation: 'listTeams', below: 'data', members: team },
  { operation: 'getTeam', members: team },
  { operation: 'listTeamMembers', below: 'data', members: teamMember },
  { operation: 'addTeamMembers', members: changedMembers },
  { operation: 'removeTeamMember', members: changedMembers },
  { operation: 'listTeamRoles', below: 'data', members: roleAssignment },
  { operation: 'explainPermission', members: effectivePermission },
  { operation: 'getOrganisation', members: organisation },
  { operation: 'listOrganisations', below: 'data', members: systemOrganisation },
  { operation: 'getSystemOrganisation', members: systemOrganisation },
  { operation: 'listOnboardingTokens', below: 'data', members: onboardingToken },
  { operation: 'createOnboardingToken', members: { ...onboardingToken, token: 'string' } },
  { operation: 'restoreSystemOrganisation', members: systemOrganisation },
  {
    operation: 'createOrganisation',
    members: { ...systemOrganisation, owner: 'object', ownerPassword: 'string|null' },
  },
  { operation: 'listRoles', below: 'data', members: role },
  { operation: 'getRole', members: role },
  { operation: 'listPermissions', below: 'data', members: permission },
  { operation: 'listSigningKeys', below: 'data', members: key },
  { operation: 'rotateSigningKeys', below: 'data', members: key },
  { operation: 'getAuthorizationTrace', members: failure },
  { operation: 'getAuthorizationTrace', below: 'checks', members: check },
  { operation: 'testClient', below: 'checks', members: check },
  { operation: 'lintClient', below: 'data', members: warning },
  { operation: 'previewClientClaims', members: claimsPreview },
]

/** The JSON type of each member in a schema of the OpenAPI document. */
function memberTypes({ properties = {} }: adminClient.Schema): Record<string, string> {
  const nameOf = (given: adminClient.Schema): string => {
    const schema = adminClient.resolveSchema(document, given)
    const types = (schema.anyOf ?? schema.oneOf)?.map(nameOf) ?? [schema.type ?? 'string'].flat()
    return types.toSorted((one, other) => Number(one === 'null') - Number(other === 'null')).join('|')
  }
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, nameOf(schema)]))
}

/** The example value of a path parameter that is not called `id`. */
const parameterOf = (id: string, name: string) => (id === 'getAuthorizationTrace' && name === '{reference}' ? 'x' : 'y')

describe('the admin client', () => {
  it('has a function for each administration operation of the API', () => {
    const administration = operationsOf(document).filter(({ path }) =>
      /^\/v1\/(?:admin|system)\/|^\/v1\/organisations/.test(path),
    )
    // Other forms of rotateClientSecret and testWebhook, and of operations whose path names what they remove.
    const aliases = new Set([
      'regenerateClientSecret',
      'revokePermissionByBody',
      'removeRoleByBody',
      'removeTeamRoleByBody',
      'removeTeamMembersByBody',
      'testWebhookByBody',
    ])
    const ids = administration.map(({ id }) => id).filter((id) => !aliases.has(id))
    expect(Object.keys(requests).toSorted()).toEqual(ids.toSorted())
  })

  it.each(Object.keys(requests))('%s has the method, the path and the media type of its operation', (id) => {
    const operation = operationsOf(document).find((one) => one.id === id)
    const { method, path, headers, body } = requests[id] ?? { method: '', path: '' }
    const [pathname] = path.split('?')
    expect({ method, pathname }).toEqual({
      method: operation?.method,
      pathname: operation?.path.replaceAll('{id}', 'x').replaceAll(/\{\w+\}/g, (name) => parameterOf(id, name)),
    })
    const mediaType = body === undefined ? undefined : headers?.['content-type']
    const allowed = operation?.bodyRequired ? operation.bodyTypes : [undefined, ...(operation?.bodyTypes ?? [])]
    expect(allowed).toContain(mediaType)
  })

  it.each(results)('has the members that $operation returns ($below)', ({ operation, below, members }) => {
    const found = adminClient.findOperation(document, operation) as {
      responses?: Record<string, { content?: Record<string, { schema?: adminClient.Schema }> }>
    }
    const [, response] = Object.entries(found.responses ?? {}).find(([status]) => status.startsWith('2')) ?? []
    const body = adminClient.resolveSchema(document, response?.content?.['application/json']?.schema ?? {})
    const list = below === undefined ? undefined : adminClient.resolveSchema(document, body.properties?.[below] ?? {})
    const item = adminClient.resolveSchema(document, list?.items ?? body)
    expect(memberTypes(item)).toEqual(members)
  })

  it('sends requests with its headers, and throws what the server rejects', async () => {
    const cookie = await test.signIn()
    const client = createAdminClient({
      server: '',
      headers: async () => ({ cookie }),
      fetch: async (url, { method, headers, body }) => {
        const inject = { url, method: method as 'GET', headers, ...(body !== undefined && { payload: body }) }
        const { statusCode: status, body: text, headers: received } = await test.app.inject(inject)
        return new Response(text === '' ? null : text, {
          status,
          headers: { 'content-type': String(received['content-type']) },
        })
      },
    })
    const settings = { name: 'First', clientType: 'public', redirectUris: ['https://app.example.com/callback'] }
    const { changes } = adminClient.requireDryRun(await client.send(asDryRun(adminClient.createClient(settings))))
    expect(changes).toContainEqual({ member: 'name', to: 'First' })
    const { body: first } = await client.send(adminClient.createClient(settings))
    await client.send(adminClient.cloneClient(first.id, 'Second'))
    const { items } = await readAllPages(client, (query) => adminClient.listClients({ ...query, sort: 'name' }), {
      limit: '1',
    })
    expect(items.map(({ name }) => name)).toEqual(['First', 'Second'])
    const patched = client.send(adminClient.ifMatch(adminClient.updateClient(first.id, { name: 'Third' }), '"0"'))
    await expect(patched).rejects.toMatchObject({ kind: 'conflict', status: 412 })
  })
})
