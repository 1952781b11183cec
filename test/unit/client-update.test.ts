import { describe, expect, it } from 'vitest'
import { validateSettings } from '../../src/clients/settings/validation.ts'
import {
  changedSettings,
  clientChangeSchema,
  applyDefaults,
  newClientSchema,
} from '../../src/clients/settings/schema.ts'
import type { Client } from '../../src/model/clients/client.ts'

const web = {
  name: 'Web',
  clientType: 'confidential',
  redirectUris: ['https://app.example.com/callback'],
  scopes: ['openid'],
}

function problemsOf(body: unknown): [string, string][] {
  const { error } = clientChangeSchema.safeParse(body)
  return (error?.issues ?? []).map(({ path, message }) => [path.join('.'), message])
}

describe('a change', () => {
  const client: Client = {
    ...applyDefaults(newClientSchema.parse(web)),
    id: '0197f3a0-0000-7000-8000-000000000000',
    organisationId: '0197f3a0-0000-7000-8000-000000000001',
    clientId: 'client_abc',
    version: 1,
    scopeHistory: [],
    revokedAt: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    lastUsedAt: null,
  }

  it('holds what it makes different and no more', () => {
    const change = clientChangeSchema.parse({
      name: 'Web',
      scopes: ['openid', 'email'],
      description: null,
      pkceRequired: false,
    })
    expect(changedSettings(client, change)).toEqual({ scopes: ['openid', 'email'], requirePkce: false })
  })

  it('takes the response types along with the grants', () => {
    const change = clientChangeSchema.parse({ grantTypes: ['client_credentials'] })
    expect(changedSettings(client, change)).toEqual({ grantTypes: ['client_credentials'], responseTypes: [] })
  })

  it('keeps the response types that the grants still allow', () => {
    const hybrid = {
      ...client,
      grantTypes: ['authorization_code', 'implicit'],
      responseTypes: ['id_token', 'code id_token'],
    }
    const without = clientChangeSchema.parse({ grantTypes: ['authorization_code'] })
    expect(changedSettings(hybrid, without)).toMatchObject({ responseTypes: ['code'] })
    const implicit = clientChangeSchema.parse({ grantTypes: ['implicit'] })
    expect(changedSettings(hybrid, implicit)).toMatchObject({ responseTypes: ['id_token'] })
  })

  it.each([
    ['clientType', { clientType: 'public' }, /cannot be changed/],
    ['id', { id: 'x' }, /read-only/],
    ['createdAt', { createdAt: 'now' }, /read-only/],
    ['colour', { colour: 'red' }, /not a member/],
    ['name', { name: null }, /string/],
    ['pkceRequired', { requirePkce: true, pkceRequired: false }, /contradict/],
    ['', 'text', /JSON object/],
  ])('is refused at %j', (path, body, message) => {
    expect(problemsOf(body)).toEqual([[path, expect.stringMatching(message)]])
  })

  it.each([
    ['redirectUris', { redirectUris: [] }],
    ['grantTypes.0', { grantTypes: ['refresh_token'] }],
    ['scopes.0', { scopes: ['offline_access'], grantTypes: ['authorization_code'] }],
    ['tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'none' }],
    ['redirectUris.0', { redirectUris: ['com.example:/x'] }],
  ])('that would make the client contradict itself is found out at %s', (path, body) => {
    const settings = { ...client, ...changedSettings(client, clientChangeSchema.parse(body)) }
    expect(validateSettings(settings).map((issue) => issue.path.join('.'))).toEqual([path])
  })
})
