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
  listClientSecrets: adminClient.listClientSecrets('x'),
  addClientSecret: adminClient.addClientSecret('x', { label: 'y' }),
  deleteClientSecret: adminClient.deleteClientSecret('x', 'y'),
  rotateClientSecret: adminClient.rotateClientSecret('x', 0),
  listClientGrants: adminClient.listRelated('x', 'grants'),
  listClientConsents: adminClient.listRelated('x', 'consents'),
  listClientEvents: adminClient.listClientEvents('x'),
  revokeClientGrant: adminClient.revokeClientGrant('x', 'y'),
  revokeClientGrants: adminClient.revokeClientGrants('x'),
  revokeClientConsent: adminClient.revokeClientConsent('x', 'y'),
  revokeClientConsents: adminClient.revokeClientConsents('x'),
  getRegistrationPolicy: adminClient.getRegistrationPolicy(),
  setRegistrationPolicy: adminClient.setRegistrationPolicy({ policy: 'open' }),
  listInitialAccessTokens: adminClient.listInitialAccessTokens(),
  createInitialAccessToken: adminClient.createInitialAccessToken({ name: 'x' }),
  deleteInitialAccessToken: adminClient.deleteInitialAccessToken('x'),
  listSoftwareStatementIssuers: adminClient.listSoftwareStatementIssuers(),
  addSoftwareStatementIssuer: adminClient.addSoftwareStatementIssuer({}),
  replaceSoftwareStatementIssuer: adminClient.replaceSoftwareStatementIssuer('x', {}),
  removeSoftwareStatementIssuer: adminClient.removeSoftwareStatementIssuer('x'),
  listSigningKeys: adminClient.listSigningKeys(),
  rotateSigningKeys: adminClient.rotateSigningKeys({ when: 'known' }),
  getAuthorizationTrace: adminClient.getAuthorizationTrace('x'),
}

/** The example value of a path parameter that is not called `id`. */
const parameterOf = (id: string, name: string) => (id === 'getAuthorizationTrace' && name === '{reference}' ? 'x' : 'y')

describe('the admin client', () => {
  it('has a function for each administration operation of the API', () => {
    const administration = operationsOf(document).filter(({ path }) => path.startsWith('/v1/admin/'))
    // Another name of rotateClientSecret.
    const ids = administration.map(({ id }) => id).filter((id) => id !== 'regenerateClientSecret')
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
