import { expect, it } from 'vitest'
import { defaultOf } from '../../src/clients/settings/properties/defaults.ts'
import { optionalProperties } from '../../src/clients/settings/properties/index.ts'
import { applyDefaults, completeSettings } from '../../src/clients/settings/schema.ts'

const names = Object.keys(optionalProperties).filter((name) => name !== 'pkceRequired')
const settings: Readonly<Record<string, unknown>> = {
  ...applyDefaults({ name: 'A client', clientType: 'confidential' }),
}

it('every optional setting has a default', () => {
  expect(Object.keys(settings).sort()).toEqual(['clientType', 'name', ...names].sort())
  for (const name of names) expect([name, settings[name]]).not.toEqual([name, undefined])
})

it('every default is a valid value', () => {
  const invalid = Object.entries(optionalProperties).filter(([, property]) => {
    const value = defaultOf(property)
    return value !== undefined && !property.safeParse(value).success
  })
  expect(invalid).toEqual([])
})

it('the OpenAPI document shows the defaults that a client gets whatever its other settings are', () => {
  const described = Object.entries(optionalProperties).filter(([, property]) => 'x-default' in (property.meta() ?? {}))
  const shown = Object.fromEntries(described.map(([name, property]) => [name, property.meta()?.['x-default']]))
  expect(Object.keys(shown).length).toBeGreaterThan(50)
  expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['scopes']))
  expect(Object.keys(shown)).not.toEqual(expect.arrayContaining(['responseTypes']))
  for (const clientType of ['confidential', 'public'] as const)
    expect(applyDefaults({ name: 'A client', clientType })).toMatchObject(shown)
})

it('no two clients share the list or object of a default', () => {
  const other = applyDefaults({ name: 'Another', clientType: 'confidential' })
  for (const name of ['attributes', 'localised', 'contacts', 'groups'] as const) {
    expect(other[name]).toEqual(settings[name])
    expect(other[name]).not.toBe(settings[name])
  }
})

it('settings of a profile that only a newer release knows are read as the strictest known one', () => {
  expect(completeSettings({ name: 'A client', clientType: 'public', profile: 'of the future' }).profile).toBe(
    'fapi2-message-signing',
  )
  expect(completeSettings({ name: 'A client', clientType: 'public' }).profile).toBe('openid')
})
