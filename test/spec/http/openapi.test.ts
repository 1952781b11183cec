import type { RouteOptions } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import packageJson from '../../../package.json' with { type: 'json' }
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import { relyingParty } from '../../support/relying-party.ts'
import { recordRoutes } from '../../support/record-routes.ts'

type Operation = OpenAPIV3_1.OperationObject & { 'x-codeSamples': { source: string }[] }
type Schema = OpenAPIV3_1.SchemaObject

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'] as const

let test: TestApp
let routes: RouteOptions[]
let document: OpenAPIV3_1.Document
let operations: { key: string; path: string; method: string; operation: Operation }[]

beforeAll(async () => {
  const { made, routesOf } = await recordRoutes(() => createTestApp())
  test = made
  routes = routesOf(test.app)
  document = (await test.app.inject('/openapi.json')).json()
  operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method as 'get'] as Operation | undefined
      return operation ? [{ key: `${method.toUpperCase()} ${path}`, path, method, operation }] : []
    }),
  )
})
afterAll(() => test.close())

const keysOf = (route: RouteOptions) =>
  [route.method].flat().map((method) => `${method} ${route.url.replaceAll(/:(\w+)/g, '{$1}').replace(/\*$/, '{*}')}`)

/** All references in `value`. */
function referencesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference = '']) => reference)
}

function resolve(reference: string): unknown {
  const [start, ...path] = reference.split('/')
  if (start !== '#') return undefined
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document)
}

/** A schema of the document with its references resolved, that rejects members that it does not list. */
function strict(name: string): z.ZodType {
  const inline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inline)
    if (typeof value !== 'object' || value === null) return value
    if ('$ref' in value) return inline(resolve(value.$ref as string))
    const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, inline(member)]))
    return 'properties' in copy ? { ...copy, additionalProperties: false } : copy
  }
  return z.fromJSONSchema(inline(resolve(`#/components/schemas/${name}`)) as Parameters<typeof z.fromJSONSchema>[0])
}

describe('OpenAPI: the document matches the server', () => {
  it('describes every route, and no other', () => {
    const shown = routes.filter(({ schema, method }) => !schema?.hide && method !== 'HEAD').flatMap(keysOf)
    expect(shown.length).toBeGreaterThan(30)
    expect(operations.map(({ key }) => key).sort()).toEqual(shown.sort())
  })

  it('leaves out only preflights, HEAD, and routes that reject other methods', async () => {
    const hidden = routes.filter(
      ({ schema, method }) => schema?.hide && !['OPTIONS', 'HEAD'].includes([method].flat()[0] ?? ''),
    )
    expect(hidden.length).toBeGreaterThan(50)
    for (const { method, url } of hidden) {
      const answer = await test.app.inject({ method: [method].flat()[0] as 'GET', url: url.replaceAll(':id', 'x') })
      expect([`${String(method)} ${url}`, answer.statusCode]).toEqual([`${String(method)} ${url}`, 405])
    }
  })

  it('gives each operation an operationId, a summary, a known tag, its security and an example', () => {
    const tags = new Set(document.tags?.map(({ name }) => name))
    const poor = operations.filter(
      ({ operation: { operationId, summary, tags: [tag = '', ...others] = [], security, responses, ...rest } }) =>
        !/^[a-z][A-Za-z]+$/.test(operationId ?? '') ||
        !summary ||
        !tags.has(tag) ||
        others.length > 0 ||
        !security ||
        !Object.keys(responses ?? {}).some((status) => /^[23]/.test(status)) ||
        !rest['x-codeSamples'][0]?.source.startsWith('curl '),
    )
    expect(poor.map(({ key }) => key)).toEqual([])
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
    expect([...tags].filter((tag) => !operations.some(({ operation }) => operation.tags?.[0] === tag))).toEqual([])
  })

  it('has the version of the package', () => {
    expect(document.info.version).toBe(packageJson.version)
    expect(document.servers).toEqual([{ url: ISSUER }])
  })

  it('has an example that registers a client', async () => {
    const { requestBody } =
      operations.find(({ operation }) => operation.operationId === 'createClient')?.operation ?? {}
    const answer = await test.app.inject({
      method: 'POST',
      url: '/v1/admin/clients',
      headers: { cookie: await test.signIn() },
      payload: (requestBody as OpenAPIV3_1.RequestBodyObject).content['application/json']?.example as object,
    })
    expect(answer.statusCode).toBe(201)
    expect(strict('ClientWithSecret').safeParse(answer.json()).error).toBeUndefined()
  })

  it('describes every setting of a client and its form group', () => {
    const bodies = ['createClient', 'updateClient', 'replaceClient'].map((id) => {
      const { requestBody } = operations.find(({ operation }) => operation.operationId === id)?.operation ?? {}
      const { schema } = (requestBody as OpenAPIV3_1.RequestBodyObject).content['application/json'] ?? {}
      return (schema && '$ref' in schema ? resolve(schema.$ref ?? '') : schema) as Schema
    })
    for (const { properties = {} } of bodies) {
      expect(Object.keys(properties).length).toBeGreaterThan(60)
      const poor = Object.entries(properties as Record<string, Schema & { 'x-group'?: string }>).filter(
        ([, member]) => !member.description || !member['x-group'],
      )
      expect(poor.map(([name]) => name)).toEqual([])
    }
  })

  it('describes every member of the responses of the protocol endpoints', async () => {
    const client = await test.registerClient({ isFirstParty: true })
    const resource = await test.registerClient({ clientType: 'confidential', name: 'Resource server' })
    const rp = relyingParty(test, client)
    const tokens = await rp.tokens(test.browser())
    const introspected = await test.app.inject({
      method: 'POST',
      url: '/oauth2/introspect',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${btoa(`${resource.clientId}:${resource.clientSecret}`)}`,
      },
      payload: new URLSearchParams({ token: tokens.access_token }).toString(),
    })
    const answers: Record<string, unknown> = {
      TokenResponse: tokens,
      UserInfo: (await rp.userinfo(tokens.access_token)).json(),
      Introspection: introspected.json(),
      ProviderMetadata: (await test.app.inject('/.well-known/openid-configuration')).json(),
      JwkSet: (await test.app.inject('/oauth2/jwks.json')).json(),
      Health: (await test.app.inject('/health')).json(),
      OAuthError: (await rp.refresh('rt_wrong')).json(),
      Problem: (await test.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email: 1 } })).json(),
    }
    expect(answers['Introspection']).toMatchObject({ active: true })
    for (const [name, answer] of Object.entries(answers)) {
      expect([name, strict(name).safeParse(answer).error?.issues]).toEqual([name, undefined])
      expect([name, strict(name).safeParse({ ...(answer as object), unknown: 1 }).success]).toEqual([name, false])
    }
  })

  it('lists the error that an operation under /v1 returns without credentials', async () => {
    for (const { key, method, path, operation } of operations.filter((one) => one.path.startsWith('/v1/'))) {
      const answer = await test.app.inject({ method: method as 'get', url: path.replace('{id}', 'x') })
      expect([key, Object.keys(operation.responses ?? {})]).toEqual([
        key,
        expect.arrayContaining([String(answer.statusCode)]),
      ])
    }
  })
})

describe('OpenAPI: the statuses that an operation lists', () => {
  const JSON_TYPE = { 'content-type': 'application/json' }
  const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
  const UNKNOWN_ID = '019aa2f0-5c1e-7d3b-9a52-0e7c6f1d2b34'

  /** Requests that something is wrong with, each in another way. */
  const probes: { name: string; query?: string; headers?: Record<string, string>; payload?: string; id?: string }[] = [
    { name: 'without anything' },
    { name: 'with a malformed query', query: '?x=%ZZ' },
    { name: 'with an unknown parameter', query: '?colour=red' },
    { name: 'with invalid conditions', query: '?dryRun=maybe&limit=none&cursor=x' },
    { name: 'with a request that is not pending', query: '?request=x' },
    { name: 'for an unknown id', id: UNKNOWN_ID },
    { name: 'with malformed JSON', headers: JSON_TYPE, payload: '{' },
    { name: 'with JSON of another type', headers: JSON_TYPE, payload: '[]' },
    { name: 'with an empty object', headers: JSON_TYPE, payload: '{}', id: UNKNOWN_ID },
    { name: 'with a malformed form', headers: FORM_TYPE, payload: 'x=%ZZ' },
    { name: 'with a form that is not pending', headers: FORM_TYPE, payload: 'request=x' },
    { name: 'with another media type', headers: { 'content-type': 'text/xml' }, payload: '<x/>' },
    { name: 'with a body that is too large', headers: JSON_TYPE, payload: `"${'x'.repeat(140_000)}"` },
    { name: 'with a form that is too large', headers: FORM_TYPE, payload: `x=${'x'.repeat(140_000)}` },
    { name: 'with a wrong token', headers: { authorization: 'Bearer x' } },
    { name: 'with a malformed header', headers: { authorization: 'x', 'if-match': 'x', 'x-org-domain': 'other' } },
    { name: 'from another site', headers: { 'sec-fetch-site': 'cross-site', ...FORM_TYPE }, payload: 'csrf=x' },
  ]

  it.each(probes)('are those that it answers $name', async ({ query = '', headers = {}, payload, id = 'x' }) => {
    const browser = test.browser()
    await browser.get(relyingParty(test, await test.registerClient()).authorizeUrl())
    const cookies = ['', await test.signIn(), `cerb_browser=${browser.cookies.get('__Host-cerb_browser')}`]
    const missing = new Set<string>()
    for (const { key, method, path, operation } of operations) {
      if (payload !== undefined && ['get', 'delete'].includes(method)) continue
      for (const cookie of cookies) {
        const url = path.replaceAll(/\{\w+\}/g, id) + query
        const answer = await test.app.inject({
          method: method as 'get',
          url,
          headers: {
            ...headers,
            ...(cookie !== '' && { cookie: cookie.replace('cerb_browser', '__Host-cerb_browser') }),
          },
          ...(payload !== undefined && { payload }),
        })
        if (!Object.hasOwn(operation.responses ?? {}, String(answer.statusCode)))
          missing.add(`${key} ${answer.statusCode}`)
      }
    }
    expect([...missing]).toEqual([])
  })
})

describe('OpenAPI 3.1: the format', () => {
  it('§4.8.1 has a version, an info object and paths that begin with a slash', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info).toMatchObject({ title: 'Cerberus', version: expect.any(String) })
    expect(Object.keys(document.paths ?? {}).filter((path) => !path.startsWith('/'))).toEqual([])
  })

  it('§4.8.23 resolves every reference, and has no unused component', () => {
    const references = new Set(referencesIn(document))
    expect(references.size).toBeGreaterThan(15)
    expect([...references].filter((reference) => resolve(reference) === undefined)).toEqual([])
    const components = (['schemas', 'responses'] as const).flatMap((kind) =>
      Object.keys(document.components?.[kind] ?? {}).map((name) => `#/components/${kind}/${name}`),
    )
    expect(components.filter((component) => !references.has(component))).toEqual([])
  })

  it('§4.8.12 declares every parameter once, and those of the path as required', () => {
    for (const { key, path, operation } of operations) {
      const parameters = (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[]
      const names = parameters.map((parameter) => `${parameter.in} ${parameter.name}`)
      const inPath = parameters.filter((parameter) => parameter.in === 'path')
      const declared = inPath.map(({ name }) => name)
      expect({ key, twice: names.length - new Set(names).size, declared }).toEqual({
        key,
        twice: 0,
        declared: [...path.matchAll(/\{([\w*]+)\}/g)].map(([, name]) => name),
      })
      const poor = parameters.filter(({ schema, in: place, required }) => !schema || (place === 'path' && !required))
      expect([key, poor]).toEqual([key, []])
    }
  })

  it('§4.8.16 gives every response a status and a description, and no body to 204, 302, 303 and 304', () => {
    for (const { key, operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        const found = ('$ref' in response ? resolve(response.$ref) : response) as OpenAPIV3_1.ResponseObject
        expect(status).toMatch(/^[1-5]\d\d$/)
        expect([key, status, found.description]).toEqual([key, status, expect.stringMatching(/./)])
        const bare = /^(?:204|30\d)$/.test(status)
        expect([key, status, bare && found.content !== undefined]).toEqual([key, status, false])
      }
    }
  })

  it('§4.8.14 gives every body a schema, and GET and DELETE no body', () => {
    for (const { key, method, operation } of operations) {
      const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined
      const media = Object.values(body?.content ?? {})
      expect([key, media.length > 0 && (method === 'get' || method === 'delete')]).toEqual([key, false])
      expect([key, media.filter(({ schema }) => !schema)]).toEqual([key, []])
    }
  })

  it('§4.8.24 requires only members that an object has', () => {
    const wrong: string[] = []
    JSON.stringify(document, (_key, value: Schema | null) => {
      if (typeof value !== 'object' || !value?.properties || !Array.isArray(value.required)) return value
      wrong.push(...value.required.filter((name) => !Object.hasOwn(value.properties ?? {}, name)))
      return value
    })
    expect(wrong).toEqual([])
  })

  it('§4.8.30 names only security schemes that are declared', () => {
    const declared = Object.keys(document.components?.securitySchemes ?? {})
    const used = operations.flatMap(({ operation }) => (operation.security ?? []).flatMap((ways) => Object.keys(ways)))
    expect([...new Set(used)].sort()).toEqual(declared.sort())
  })
})
