import { describe, expect, it } from 'vitest'
import { defaultRoles, isPermission, permissionCatalogue } from '../../src/permissions/catalogue.ts'
import { canonicalPermissions, hasPermission, intersectPermissions } from '../../src/model/permissions/permission.ts'

describe('the rights', () => {
  const rightsOf = (slug: string) => defaultRoles.find((role) => role.slug === slug)?.permissions ?? []

  it('are each in the catalogue, once', () => {
    const slugs = permissionCatalogue.map(({ slug }) => slug)
    expect(new Set(slugs).size).toBe(slugs.length)
    for (const { permissions } of defaultRoles) expect(slugs).toEqual(expect.arrayContaining(permissions))
  })

  it('let Owner do everything, and Admin neither delete organisations, manage those of the server nor export password hashes', () => {
    const denied = (slug: string) =>
      permissionCatalogue.filter((entry) => !hasPermission(rightsOf(slug), entry.slug)).map((entry) => entry.slug)
    expect(denied('owner')).toEqual([])
    const others = permissionCatalogue
      .map(({ slug }) => slug)
      .filter((slug) => /^(?:system_organisations|password_hashes):/.test(slug))
    expect(denied('admin')).toEqual(['*', 'organisation:*', 'organisation:delete', ...others])
  })

  it('keep clients, keys, webhooks and the audit trail from Manager and Staff', () => {
    for (const slug of ['manager', 'staff']) {
      for (const wanted of ['clients:read', 'api_keys:read', 'webhooks:read', 'audit:read', 'roles:update']) {
        expect(hasPermission(rightsOf(slug), wanted)).toBe(false)
      }
    }
    expect(hasPermission(rightsOf('manager'), 'users:update')).toBe(true)
    expect(hasPermission(rightsOf('staff'), 'users:update')).toBe(false)
  })

  it('give people without another role the role Staff', () => {
    expect(defaultRoles.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(['Staff'])
  })

  it('have other names', () => {
    expect(canonicalPermissions('users:write')).toEqual(['users:create', 'users:update'])
    expect(canonicalPermissions('organisations:manage')).toEqual(['organisation:*'])
    expect(canonicalPermissions('oauth2:clients:read')).toEqual(['clients:read'])
    expect(canonicalPermissions('audit_logs:*')).toEqual(['audit:*'])
    for (const own of ['*', 'users:read', 'clients:read:all', 'oauth2:other:read', 'openid', 'constructor:read']) {
      expect(canonicalPermissions(own)).toEqual([own])
    }
    expect(hasPermission(['users:write'], 'users:create')).toBe(true)
    expect(hasPermission(['users:create', 'users:update'], 'users:write')).toBe(true)
    expect(hasPermission(['users:create'], 'users:write')).toBe(false)
    expect(hasPermission(['audit:*'], 'audit_logs:read')).toBe(true)
    expect(hasPermission(['audit_logs:read'], 'audit:read')).toBe(true)
    expect(hasPermission(['users:*'], 'users:manage')).toBe(true)
    expect(hasPermission(['users:write'], 'users:manage')).toBe(false)
    expect(intersectPermissions(['users:write', 'audit_logs:read'], ['users:create', '*'])).toEqual([
      'users:create',
      'users:update',
      'audit:read',
    ])
    expect(intersectPermissions(['users:manage'], ['users:write'])).toEqual(['users:create', 'users:update'])
    for (const alias of ['users:write', 'oauth2:clients:read', 'audit_logs:read', 'organisations:read']) {
      expect(isPermission(alias)).toBe(true)
    }
  })

  it('are distinguished from scopes of other APIs', () => {
    expect(['*', 'users:read', 'users:*', 'users:frobnicate'].map(isPermission)).toEqual([true, true, true, true])
    expect(['users', 'reports:read', 'openid', 'constructor:x'].map(isPermission)).toEqual([false, false, false, false])
  })
})
