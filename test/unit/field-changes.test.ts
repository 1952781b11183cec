import { describe, expect, it } from 'vitest'
import { fieldChanges, secretChange } from '../../src/audit/field-changes.ts'

describe('the changes of an audit event', () => {
  it('are the fields of a change that differ', () => {
    const before = { name: 'A', scopes: ['a'], expiresAt: new Date(0), description: null, other: 1 }
    const after = { name: 'B', scopes: ['a'], expiresAt: new Date(1), description: undefined }
    expect(fieldChanges(before, after)).toEqual([
      { field: 'name', from: 'A', to: 'B' },
      { field: 'expiresAt', from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:00.001Z' },
    ])
    expect(fieldChanges({ a: undefined }, { a: null })).toEqual([])
  })

  it('have no value before for a new object, and none after for a deleted one', () => {
    expect(fieldChanges(undefined, { name: 'A', note: null, scopes: [] })).toEqual([{ field: 'name', to: 'A' }])
    expect(fieldChanges({ name: 'A', note: null }, undefined)).toEqual([{ field: 'name', from: 'A' }])
  })

  it.each(['password', 'passwordHash', 'clientSecret', 'access_token', 'refreshToken', 'privateKey', 'apiKey'])(
    'mask %s, also inside of values',
    (name) => {
      const changes = fieldChanges({ [name]: 'old', deep: {} }, { [name]: 'new', deep: [{ [name]: 'new' }] })
      expect(changes).toEqual([
        { field: name, from: '***', to: '***' },
        { field: 'deep', from: {}, to: [{ [name]: '***' }] },
      ])
    },
  )

  it('show settings that are about secrets, and no private key', () => {
    const policies = { passwordPolicy: { minLength: 8 }, tokenLifetimePolicy: { accessToken: 60 } }
    expect(fieldChanges(undefined, policies)).toEqual([
      { field: 'passwordPolicy', to: { minLength: 8 } },
      { field: 'tokenLifetimePolicy', to: { accessToken: 60 } },
    ])
    const jwks = { keys: [{ kty: 'OKP', x: 'public', d: 'private' }] }
    expect(JSON.stringify(fieldChanges(undefined, { jwks }))).toBe(
      '[{"field":"jwks","to":{"keys":[{"kty":"OKP","x":"public","d":"***"}]}}]',
    )
    expect(secretChange('password')).toEqual({ field: 'password', from: '***', to: '***' })
  })

  it('are bounded: long values are cut, and of many long ones only the names are stored', () => {
    const [change] = fieldChanges(undefined, { name: 'x'.repeat(5_000) })
    expect(change?.to).toEqual({ excerpt: 'x'.repeat(199), length: 5_002 })
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 'y'.repeat(1_000)]))
    const changes = fieldChanges(undefined, many)
    expect(changes).toHaveLength(500)
    expect(changes.at(-1)).toEqual({ field: 'field499' })
    expect(JSON.stringify(changes).length).toBeLessThan(50_000)
  })
})
