import { generateKeyPair, exportJWK } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Screen } from '../support/terminal-screen.ts'
import { startTuiEnvironment, type ShownClient, type TuiEnvironment } from './tui-environment.ts'

interface Schema {
  'x-group': string
  type?: string
}

let stage: TuiEnvironment
/** A client with every setting. */
let everything: Record<string, unknown>
beforeAll(async () => {
  stage = await startTuiEnvironment()
  const { publicKey } = await generateKeyPair('ES256')
  everything = {
    name: 'Everything',
    clientType: 'confidential',
    description: 'First line\nsecond line',
    groups: ['production', 'team/a'],
    redirectUris: ['https://app.example.com/callback', 'https://app.example.com/other'],
    postLogoutRedirectUris: ['https://app.example.com/bye'],
    allowedOrigins: ['https://app.example.com'],
    initiateLoginUri: 'https://app.example.com/login',
    requestUris: ['https://app.example.com/request.jwt'],
    scopes: ['openid', 'profile', 'invoices:read'],
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    responseTypes: ['code'],
    requirePkce: false,
    requireConsent: false,
    isFirstParty: true,
    tokenEndpointAuthMethod: 'private_key_jwt',
    tokenEndpointAuthSigningAlg: 'ES256',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' }] },
    accessTokenFormat: 'opaque',
    audience: ['https://api.example.com'],
    accessTokenLifetime: 601,
    refreshTokenLifetime: 86_401,
    refreshTokenIdleLifetime: 3601,
    refreshTokenReuseWindow: 11,
    idTokenLifetime: 602,
    authorizationCodeLifetime: 61,
    defaultMaxAge: 603,
    defaultAcrValues: ['urn:one'],
    idTokenSignedResponseAlg: 'ES256',
    accessTokenSigningAlg: 'PS256',
    userinfoSignedResponseAlg: 'EdDSA',
    introspectionSignedResponseAlg: 'ES256',
    requestObjectSigningAlg: 'ES256',
    logoUri: 'https://app.example.com/logo.png',
    clientUri: 'https://app.example.com/',
    policyUri: 'https://app.example.com/policy',
    tosUri: 'https://app.example.com/terms',
    contacts: ['ops@example.com'],
    localised: { fr: { name: 'Tout', tosUri: 'https://app.example.com/fr' }, de: { name: 'Alles' } },
    softwareId: 'software',
    softwareVersion: '1.2.3',
    frontchannelLogoutUri: 'https://app.example.com/front',
    backchannelLogoutUri: 'https://app.example.com/back',
    expiresAt: '2035-01-31T12:00:00.000Z',
  }
}, 240_000)
afterEach(() => stage.closeScreens())
afterAll(() => stage.close())

const web = { clientType: 'confidential', redirectUris: ['https://app.example.com/callback'] }
let made = 0
/** Registers a client for one test. */
async function register(settings: Record<string, unknown> = {}): Promise<ShownClient> {
  made += 1
  return stage.register({ ...web, name: `Subject ${made}x`, ...settings })
}

/** The settable members of a client, from the server's OpenAPI document. */
async function schema(): Promise<[member: string, group: string][]> {
  const { components } = await stage.fetchJson<{
    components: { schemas: Record<string, { properties: Record<string, Schema> }> }
  }>('/openapi.json')
  const members = { ...components.schemas['NewClient']?.properties, ...components.schemas['ClientChange']?.properties }
  return Object.entries(members).map(([member, described]) => [member, described['x-group']])
}

/** Finds a member by the search of the form, and opens its editor. */
async function edit(screen: Screen, member: string): Promise<void> {
  screen.type('/')
  await screen.shows('Find:')
  screen.type(member)
  await screen.shows(new RegExp(`^>.{2}${member} `, 'm'))
  await screen.press('enter')
  await screen.shows('Enter edit')
  await screen.press('enter')
  await screen.shows(`› ${member} `)
}

const settled = (screen: Screen) => screen.hides(/sking the server/)

/** Saves the changes after their confirmation screen, and returns its text. */
async function save(screen: Screen): Promise<string> {
  await screen.press('s')
  const seen = await screen.shows('y save')
  await screen.press('y')
  await screen.shows('Saved.')
  return seen
}

describe('the form of a client', () => {
  it('has every settable member in its group, with its value and its help', { timeout: 120_000 }, async () => {
    const { id } = await stage.register(everything)
    const shown = await stage.read(id)
    const members = await schema()
    expect(members.length).toBeGreaterThan(60)
    const screen = await stage.openClient('Everything')
    for (const group of new Set(members.map(([, heading]) => heading))) {
      await screen.shows(`[${group}`)
      for (const [member] of members.filter(([, heading]) => heading === group)) {
        await screen.shows(new RegExp(`^>.{2}${member} `, 'm'))
        expect([member, screen.line(new RegExp(`^>.{2}${member} `))]).toEqual([
          member,
          expect.stringContaining(valueOf(shown[member])),
        ])
        await screen.press('down')
      }
      await screen.press('right')
    }
    // Members that only the server sets are shown as well.
    await screen.shows('[Set by the server')
    await screen.shows(new RegExp(`^>  id +${id}$`, 'm'))
    await screen.shows('createdAt')
  })

  it('shows the help of the server for the selected member', async () => {
    await register({ name: 'Helped' })
    const screen = await stage.openClient('Helped')
    await edit(screen, 'refreshTokenReuseWindow')
    await screen.shows('Seconds for which a replaced refresh token')
    expect(await screen.shows('successor.')).toContain('if sent again')
  })

  it('saves only the changes: all other members stay, even unknown ones', async () => {
    const { id } = await stage.register({ ...everything, name: 'Whole' })
    const before = await stage.read(id)
    const screen = await stage.openClient('Whole')
    await edit(screen, 'softwareVersion')
    await screen.press('ctrl+u')
    screen.type('2.0.0\r')
    await screen.shows(/^>\* softwareVersion +2\.0\.0/m)
    const seen = await save(screen)
    expect(seen).toMatch(/softwareVersion\n {2}- 1\.2\.3\n {2}\+ 2\.0\.0/)
    const after = await stage.read(id)
    expect({ ...after, updatedAt: '' }).toEqual({ ...before, softwareVersion: '2.0.0', updatedAt: '' })
    expect(after['updatedAt']).not.toBe(before['updatedAt'])
  })
})

describe('editing', () => {
  const given: [kind: string, member: string, type: (screen: Screen) => Promise<void>, value: unknown][] = [
    [
      'text',
      'logoUri',
      async (screen) => screen.type('https://app.example.com/new.png\r'),
      'https://app.example.com/new.png',
    ],
    ['a number', 'accessTokenLifetime', async (screen) => (await screen.press('ctrl+u'), screen.type('900\r')), 900],
    ['a flag', 'requireConsent', async (screen) => screen.press('down', 'enter'), false],
    ['one of several', 'idTokenSignedResponseAlg', async (screen) => screen.press('down', 'down', 'enter'), 'ES256'],
    [
      'any of several',
      'grantTypes',
      async (screen) => screen.press('down', 'down', 'space', 'enter'),
      ['authorization_code'],
    ],
    [
      'a list with proposals',
      'scopes',
      async (screen) => (
        await screen.press('a'),
        screen.type('own:scope\r'),
        await screen.shows('[x] own:scope'),
        screen.press('enter')
      ),
      ['openid', 'own:scope'],
    ],
    [
      'a list',
      'contacts',
      async (screen) => (screen.type('a@example.com\rb@example.com'), screen.press('ctrl+s')),
      ['a@example.com', 'b@example.com'],
    ],
    ['lines of text', 'description', async (screen) => (screen.type('one\rtwo'), screen.press('ctrl+s')), 'one\ntwo'],
    [
      'JSON',
      'localised',
      async (screen) => (screen.type('\u0015'), screen.type('{"de":{"name":"Neu"}}'), screen.press('ctrl+s')),
      { de: { name: 'Neu' } },
    ],
    ['an instant', 'expiresAt', async (screen) => screen.type('2034-01-31T12:00:00Z\r'), '2034-01-31T12:00:00.000Z'],
  ]
  it.each(given)('%s: %s', async (_, member, type, value) => {
    const { id, name } = await register({ scopes: ['openid'] })
    const screen = await stage.openClient(name)
    await edit(screen, member)
    await type(screen)
    await screen.shows(new RegExp(`^>[*x!] ${member} `, 'm'))
    await save(screen)
    expect((await stage.read(id))[member]).toEqual(value)
  })

  it('can set an optional member to null', async () => {
    const { id, name } = await register({ softwareId: 'one', userinfoSignedResponseAlg: 'RS256', defaultMaxAge: 5 })
    const screen = await stage.openClient(name)
    await edit(screen, 'softwareId')
    await screen.press('ctrl+n')
    await screen.shows(/softwareId +\(not set\)/)
    await edit(screen, 'userinfoSignedResponseAlg')
    await screen.press('end', 'enter')
    await screen.shows(/userinfoSignedResponseAlg +\(not set\)/)
    await edit(screen, 'defaultMaxAge')
    await screen.press('ctrl+u', 'enter')
    await screen.shows(/defaultMaxAge +\(not set\)/)
    await save(screen)
    expect(await stage.read(id)).toMatchObject({
      softwareId: null,
      userinfoSignedResponseAlg: null,
      defaultMaxAge: null,
    })
  })

  it('marks choices that the server does not list as supported', async () => {
    const { name } = await register()
    const { token_endpoint_auth_methods_supported: supported } = await stage.fetchJson<Record<string, string[]>>(
      '/.well-known/openid-configuration',
    )
    expect(supported).not.toContain('tls_client_auth')
    const screen = await stage.openClient(name)
    await edit(screen, 'tokenEndpointAuthMethod')
    await screen.shows(/tls_client_auth +not listed as supported by this server/)
    expect(screen.line(/private_key_jwt/).trim()).toBe('private_key_jwt')
    await screen.press('escape')
    await screen.hides(/tls_client_auth +not listed/)
    await edit(screen, 'scopes')
    await screen.shows('[ ] email')
    await screen.shows('[x] openid')
  })

  it('shows problems and warnings of the server while the user types', async () => {
    const { id, name } = await register()
    const screen = await stage.openClient(name)
    await edit(screen, 'accessTokenLifetime')
    await screen.press('ctrl+u')
    screen.type('7200')
    await screen.shows(/! accessTokenLifetime is more than one hour[^]*Use at most one hour/)
    screen.type('0000')
    await screen.shows('x accessTokenLifetime must be a whole number from 1 to 86400')
    await screen.press('ctrl+u')
    screen.type('soon')
    await screen.shows('x accessTokenLifetime must be a whole number from 1 to 86400')
    await screen.press('ctrl+u')
    screen.type('60')
    await screen.hides('x accessTokenLifetime')
    await screen.press('escape')
    await screen.shows('Esc back')
    await edit(screen, 'localised')
    screen.type(' oops')
    await screen.shows('x localised is not JSON')
    await screen.press('ctrl+s', 'escape')
    await screen.shows('[Display')
    expect(await stage.read(id)).toMatchObject({ accessTokenLifetime: 3600 })
  })

  it('undoes changes, and asks before they are lost', async () => {
    const { id, name } = await register()
    const screen = await stage.openClient(name)
    await edit(screen, 'name')
    screen.type(' more\r')
    await screen.shows('* 1 changed')
    await screen.press('u')
    await screen.hides('changed')
    await edit(screen, 'name')
    screen.type(' more\r')
    await screen.shows('* 1 changed')
    await screen.press('q')
    await screen.shows('There are unsaved changes. Quit anyway?')
    await screen.press('n')
    await screen.shows('* 1 changed')
    await screen.press('escape')
    await screen.shows('Discard the changes and return to the list?')
    await screen.press('y')
    await screen.shows(`/${name}   (Esc: clear)`)
    expect((await stage.read(id)).name).toBe(name)
  })

  it('does not save values that the server rejects', async () => {
    const { id, name } = await register()
    const screen = await stage.openClient(name)
    await edit(screen, 'redirectUris')
    screen.type('\rhttp://evil.example.com/')
    await screen.press('ctrl+s')
    await screen.shows(/^>x redirectUris/m)
    await screen.press('s')
    await screen.shows('The server rejects this.')
    await screen.press('y', 'escape')
    await screen.shows('[Addresses')
    expect((await stage.read(id))['redirectUris']).toHaveLength(1)
  })
})

describe('a client that changed meanwhile', () => {
  async function collide(theirs: Record<string, unknown>) {
    const { id, name } = await register({ contacts: ['old@example.com'] })
    const screen = await stage.openClient(name)
    await edit(screen, 'softwareId')
    screen.type('mine\r')
    await screen.shows('* 1 changed')
    await settled(screen)
    await screen.press('s')
    await screen.shows('y save')
    await stage.patch(id, theirs)
    await screen.press('y')
    await screen.shows('The client has changed')
    return { screen, id }
  }

  it('is shown with the other changes, and mine can be applied on top', async () => {
    const { screen, id } = await collide({ contacts: ['new@example.com'] })
    await screen.shows(/contacts\n {2}- old@example\.com\n {2}\+ new@example\.com/)
    await screen.shows('Saving again keeps the other changes.')
    await screen.press('r')
    await screen.shows('y save')
    await screen.press('y')
    await screen.shows('Saved.')
    expect(await stage.read(id)).toMatchObject({ contacts: ['new@example.com'], softwareId: 'mine' })
  })

  it('is shown with members that both changed, and mine can be discarded', async () => {
    const { screen, id } = await collide({ softwareId: 'theirs' })
    await screen.shows('Both changed softwareId')
    await screen.press('d')
    await screen.shows('Your changes are discarded')
    await screen.shows(/softwareId +theirs/)
    expect(await stage.read(id)).toMatchObject({ softwareId: 'theirs' })
  })
})

/** The part of a value that must be visible in its line of 80 columns. */
function valueOf(value: unknown): string {
  if (value === null) return '(not set)'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : String(value[0]).slice(0, 30)
  const text = typeof value === 'string' ? (value.split('\n')[0] ?? '') : JSON.stringify(value)
  return (text === '{}' ? '(none)' : text).slice(0, 30)
}
