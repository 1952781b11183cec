import { describe, expect, it } from 'vitest'
import { applyDefaults, newClientSchema } from '../../src/clients/settings/schema.ts'

const CALLBACK = 'https://app.example.com/callback'
const web = { name: 'Web', clientType: 'confidential', redirectUris: [CALLBACK], scopes: ['openid'] }
const spa = { ...web, name: 'Page', clientType: 'public' }
const service = {
  name: 'Job',
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  scopes: ['reports:read'],
}

function problemsOf(body: unknown): [string, string][] {
  const { error } = newClientSchema.safeParse(body)
  return (error?.issues ?? []).map(({ path, message }) => [path.join('.'), message])
}

function pathsOf(body: unknown): string[] {
  return problemsOf(body).map(([path]) => path)
}

function register(body: object) {
  return applyDefaults(newClientSchema.parse(body))
}

describe('what a new client gets when it is not said', () => {
  it('is right for an application with a server of its own', () => {
    expect(register({ name: 'Web', clientType: 'confidential', redirectUris: [CALLBACK] })).toEqual({
      name: 'Web',
      externalId: null,
      description: null,
      clientType: 'confidential',
      profile: 'openid',
      redirectUris: [CALLBACK],
      postLogoutRedirectUris: [],
      allowedOrigins: [],
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      scopes: ['openid'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      additionalTokenEndpointAuthMethods: [],
      requirePkce: true,
      requireConsent: true,
      rememberConsent: true,
      isFirstParty: false,
      allowedClaims: null,
      idTokenSignedResponseAlg: 'RS256',
      accessTokenFormat: 'jwt',
      accessTokenSigningAlg: 'ES256',
      accessTokenLifetime: 3600,
      refreshTokenLifetime: 2_592_000,
      idTokenLifetime: 3600,
      authorizationCodeLifetime: 600,
      refreshTokenIdleLifetime: null,
      refreshTokenReuseWindow: 10,
      audience: [],
      includeClaimsInIdToken: false,
      accessTokenTyp: 'at+jwt',
      claims: [],
      maxClaimBytes: 4096,
      tlsClientCertificateBoundAccessTokens: false,
      dpopBoundAccessTokens: false,
      defaultMaxAge: null,
      requireAuthTime: false,
      alwaysSignIn: false,
      defaultAcrValues: [],
      minimumAcr: null,
      authorizedAcrValues: [],
      logoUri: null,
      clientUri: null,
      policyUri: null,
      tosUri: null,
      contacts: [],
      localised: {},
      applicationType: 'web',
      initiateLoginUri: null,
      softwareId: null,
      groups: [],
      attributes: {},
      softwareVersion: null,
      jwks: null,
      jwksUri: null,
      requestObjectSigningAlg: null,
      tokenEndpointAuthSigningAlg: null,
      requireSignedRequestObject: false,
      requestUris: [],
      requireJarm: false,
      requirePushedAuthorizationRequests: false,
      pushedAuthorizationRequestLifetime: 60,
      userinfoSignedResponseAlg: null,
      idTokenEncryptedResponseAlg: null,
      idTokenEncryptedResponseEnc: null,
      userinfoEncryptedResponseAlg: null,
      userinfoEncryptedResponseEnc: null,
      introspectionSignedResponseAlg: null,
      introspectionEncryptedResponseAlg: null,
      introspectionEncryptedResponseEnc: null,
      authorizationSignedResponseAlg: null,
      authorizationEncryptedResponseAlg: null,
      authorizationEncryptedResponseEnc: null,
      requestObjectEncryptionAlg: null,
      requestObjectEncryptionEnc: null,
      tlsClientAuthSubjectDn: null,
      tlsClientAuthSanDns: null,
      tlsClientAuthSanUri: null,
      tlsClientAuthSanIp: null,
      tlsClientAuthSanEmail: null,
      subjectType: 'public',
      sectorIdentifierUri: null,
      frontchannelLogoutUri: null,
      frontchannelLogoutSessionRequired: false,
      backchannelLogoutUri: null,
      backchannelLogoutSessionRequired: false,
      isActive: true,
      expiresAt: null,
    })
  })

  it('is no secret for a public client', () => {
    expect(register(spa)).toMatchObject({ tokenEndpointAuthMethod: 'none', requirePkce: true })
  })

  it('is client_credentials as well where a confidential client has scopes that are not about people', () => {
    const mixed = ['openid', 'reports:read']
    const both = ['authorization_code', 'refresh_token', 'client_credentials']
    expect(register({ ...web, scopes: mixed }).grantTypes).toEqual(both)
    expect(register({ ...spa, scopes: mixed }).grantTypes).toEqual(['authorization_code', 'refresh_token'])
    expect(register({ ...web, scopes: mixed, grantTypes: ['authorization_code'] }).grantTypes).toEqual([
      'authorization_code',
    ])
  })

  it('is no response type and no scope for a client that only speaks for itself', () => {
    const { scopes: _, ...bare } = service
    expect(register(bare)).toMatchObject({ responseTypes: [], scopes: [], redirectUris: [] })
  })
})

describe('a new client', () => {
  it.each([
    ['an app with a private-use scheme', { ...spa, redirectUris: ['com.example.app:/callback'] }],
    ['a native app on loopback', { ...spa, redirectUris: ['http://127.0.0.1/callback', 'http://[::1]:8080/callback'] }],
    ['a confidential client without PKCE', { ...web, requirePkce: false }],
    ['PKCE by its other name', { ...web, pkceRequired: false }],
    ['both names that agree', { ...web, pkceRequired: false, requirePkce: false }],
    ['a secret in the body', { ...web, tokenEndpointAuthMethod: 'client_secret_post' }],
    ['client_credentials with scopes about people only', { ...service, scopes: ['openid'] }],
    ['a description of two lines', { ...web, description: 'One\n\ttwo' }],
    ['nullable members that are null', { ...web, description: null, defaultMaxAge: null, logoUri: null }],
    ['a name beyond the first plane', { ...web, name: 'Überblick 🗂' }],
    ['a name with joiners and direction marks', { ...web, name: 'می\u200cخواهم \u200e👨\u200d👩\u200d👧 ❤\ufe0f' }],
    ['a name whose letters have marks', { ...web, name: 'Nguyễn'.normalize('NFD') }],
    ['an anchor in the terms', { ...web, tosUri: 'https://example.com/legal#terms' }],
    ['audiences', { ...web, audience: ['https://api.example.com', 'urn:example:reports'] }],
    ['the bounds', { ...web, accessTokenLifetime: 86_400, refreshTokenLifetime: 1, refreshTokenReuseWindow: 60 }],
    ['no reuse at all', { ...web, refreshTokenReuseWindow: 0, defaultMaxAge: 0 }],
  ])('may be %s', (_, body) => {
    expect(problemsOf(body)).toEqual([])
  })

  type Rejected = [what: string, body: unknown, path: string, message: string]
  it.each<Rejected>([
    ['no name', { ...web, name: undefined }, 'name', 'must be a string'],
    ['an empty name', { ...web, name: ' ' }, 'name', 'must not be empty'],
    ['a long name', { ...web, name: 'x'.repeat(201) }, 'name', 'must have at most 200 characters'],
    ['a name on two lines', { ...web, name: 'a\nb' }, 'name', 'must not hold control characters'],
    ['a name that turns text around', { ...web, name: 'Bank\u202egro' }, 'name', 'must not hold control characters'],
    ...[
      '\u200b',
      '\u00ad',
      '\u2060',
      '\u3164',
      '\u115f',
      '\uffa0',
      '\u2800',
      '\u180e',
      '\u034f',
      '\ue000',
      '\ufffe',
      '\ufeff',
      '\ufff9',
      '\u{e0020}',
    ].map((invisible) => {
      const code = invisible.codePointAt(0)?.toString(16)
      return [`U+${code} in a name`, { ...web, name: `Bank${invisible}App` }, 'name', 'invisible'] as Rejected
    }),
    ...['\u200d', '\u200e', '\u061c', '\ufe0f', '\u0301', '\u{e01f0}'].map((invisible) => {
      const code = invisible.codePointAt(0)?.toString(16)
      return [`U+${code} as a name`, { ...web, name: invisible.repeat(3) }, 'name', 'visible'] as Rejected
    }),
    ['a name of marks', { ...web, name: `A${'\u0301'.repeat(199)}` }, 'name', 'combining marks'],
    ['an invisible description', { ...web, description: '\u3164' }, 'description', 'visible'],
    ['an invisible softwareId', { ...web, softwareId: '\u2800' }, 'softwareId', 'visible'],
    ['an invisible group', { ...web, groups: ['\u3164'] }, 'groups.0', 'must be a group'],
    ['an invisible contact', { ...web, contacts: ['\u3164@example.com'] }, 'contacts.0', 'e-mail address'],
    [
      'an invisible localised name',
      { ...web, localised: { de: { name: '\u200b' } } },
      'localised.de.name',
      'invisible',
    ],
    ['half of a surrogate pair', { ...web, name: 'a\ud800' }, 'name', 'surrogate'],
    ['NUL', { ...web, description: 'a\0' }, 'description', 'NUL'],
    ['a long description', { ...web, description: 'x'.repeat(1001) }, 'description', 'at most 1000'],
    ['no type', { ...web, clientType: undefined }, 'clientType', 'must be one of confidential, public'],
    ['another type', { ...web, clientType: 'secret' }, 'clientType', 'must be one of confidential, public'],
    ['no redirect URI', { ...web, redirectUris: [] }, 'redirectUris', 'at least one URI'],
    ['no list', { ...web, redirectUris: CALLBACK }, 'redirectUris', 'must be a list of strings'],
    ['a number as URI', { ...web, redirectUris: [1] }, 'redirectUris.0', 'must be a string'],
    ['the same URI twice', { ...web, redirectUris: [CALLBACK, CALLBACK] }, 'redirectUris.1', 'listed before'],
    [
      'too many URIs',
      { ...web, redirectUris: Array.from({ length: 101 }, (_, index) => `${CALLBACK}/${index}`) },
      'redirectUris',
      'must have at most 100 entries',
    ],
    ['a relative URI', { ...web, redirectUris: ['/callback'] }, 'redirectUris.0', 'must be an absolute URI'],
    ['http', { ...web, redirectUris: ['http://app.example.com/'] }, 'redirectUris.0', 'must use https'],
    ['a fragment', { ...web, redirectUris: [`${CALLBACK}#here`] }, 'redirectUris.0', 'must not have a fragment'],
    ['a wildcard', { ...web, redirectUris: ['https://*.example.com/'] }, 'redirectUris.0', 'wildcard'],
    ['credentials', { ...web, redirectUris: ['https://a:b@example.com/'] }, 'redirectUris.0', 'user name'],
    ['a script', { ...spa, redirectUris: ['javascript:alert(1)'] }, 'redirectUris.0', 'must use https'],
    ['a URI with NUL', { ...web, redirectUris: ['https://example.com/\0'] }, 'redirectUris.0', 'ASCII'],
    ['an app scheme', { ...web, redirectUris: ['com.example:/callback'] }, 'redirectUris.0', 'must use https'],
    ['a bad logout URI', { ...web, postLogoutRedirectUris: ['bye'] }, 'postLogoutRedirectUris.0', 'absolute'],
    ['an origin with a path', { ...web, allowedOrigins: ['https://a.example/'] }, 'allowedOrigins.0', 'an origin'],
    ['any origin', { ...web, allowedOrigins: ['*'] }, 'allowedOrigins.0', 'an origin'],
    ['the null origin', { ...web, allowedOrigins: ['null'] }, 'allowedOrigins.0', 'an origin'],
    ['two scopes in one', { ...web, scopes: ['openid email'] }, 'scopes.0', 'one scope'],
    ['an empty scope', { ...web, scopes: [''] }, 'scopes.0', 'one scope'],
    ['a scope twice', { ...web, scopes: ['openid', 'openid'] }, 'scopes.1', 'listed before'],
    ['no grant', { ...web, grantTypes: [] }, 'grantTypes', 'must name at least one grant'],
    ['the implicit grant for nothing', { ...web, grantTypes: ['implicit'] }, 'responseTypes', 'must contain one of'],
    ['the password grant', { ...web, grantTypes: ['password'] }, 'grantTypes.0', 'authorization_code'],
    ['refresh alone', { ...web, grantTypes: ['refresh_token'] }, 'grantTypes.0', 'authorization_code'],
    [
      'offline_access unrefreshed',
      { ...web, scopes: ['offline_access'], grantTypes: ['authorization_code'] },
      'scopes.0',
      'refresh_token',
    ],
    [
      'a public service',
      { ...spa, grantTypes: ['authorization_code', 'client_credentials'] },
      'grantTypes.1',
      'confidential',
    ],
    ['a public client without PKCE', { ...spa, requirePkce: false }, 'requirePkce', 'must be true'],
    ['the same by the other name', { ...spa, pkceRequired: false }, 'requirePkce', 'must be true'],
    ['two names that differ', { ...web, requirePkce: true, pkceRequired: false }, 'pkceRequired', 'contradict'],
    ['a public secret', { ...spa, tokenEndpointAuthMethod: 'client_secret_post' }, 'tokenEndpointAuthMethod', 'none'],
    ['no secret', { ...web, tokenEndpointAuthMethod: 'none' }, 'tokenEndpointAuthMethod', 'with a secret'],
    [
      'an unknown method',
      { ...web, tokenEndpointAuthMethod: 'mtls' },
      'tokenEndpointAuthMethod',
      'client_secret_basic',
    ],
    ['"true"', { ...web, isFirstParty: 'true' }, 'isFirstParty', 'must be true or false'],
    ['an unknown algorithm', { ...web, idTokenSignedResponseAlg: 'HS256' }, 'idTokenSignedResponseAlg', 'RS256'],
    [
      'unsigned ID tokens in the browser',
      {
        ...web,
        grantTypes: ['authorization_code', 'implicit'],
        responseTypes: ['code id_token'],
        idTokenSignedResponseAlg: 'none',
      },
      'idTokenSignedResponseAlg',
      'must not be none',
    ],
    ['keys in two places', { ...web, jwks: { keys: [] }, jwksUri: 'https://a.example/jwks' }, 'jwks', 'jwksUri'],
    ['keys that are none', { ...web, jwks: { keys: [{}] } }, 'jwks', 'has a key at position 0 that has no kty'],
    ['a secret as a key', { ...web, jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }, 'jwks', 'only public keys'],
    ['a private key', { ...web, jwks: { keys: [{ kty: 'EC', d: 'AA' }] } }, 'jwks', 'only public keys'],
    ['a short key', { ...web, jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] } }, 'jwks', '2048'],
    ['keys by http', { ...web, jwksUri: 'http://a.example/jwks' }, 'jwksUri', 'https'],
    ['a format', { ...web, accessTokenFormat: 'reference' }, 'accessTokenFormat', 'jwt, opaque'],
    ['HS256', { ...web, accessTokenSigningAlg: 'HS256' }, 'accessTokenSigningAlg', 'RS256'],
    ['no time at all', { ...web, accessTokenLifetime: 0 }, 'accessTokenLifetime', 'from 1 to 86400'],
    ['two days', { ...web, idTokenLifetime: 172_800 }, 'idTokenLifetime', 'from 1 to 86400'],
    ['two years', { ...web, refreshTokenLifetime: 63_072_000 }, 'refreshTokenLifetime', 'from 1 to 31536000'],
    ['half a second', { ...web, accessTokenLifetime: 0.5 }, 'accessTokenLifetime', 'whole number'],
    ['a long window', { ...web, refreshTokenReuseWindow: 61 }, 'refreshTokenReuseWindow', 'from 0 to 60'],
    ['an audience that is no URI', { ...web, audience: ['api'] }, 'audience.0', 'absolute URI'],
    ['an audience with a fragment', { ...web, audience: ['https://a.example/#x'] }, 'audience.0', 'fragment'],
    ['a claim that no scope releases', { ...web, allowedClaims: ['sub'] }, 'allowedClaims.0', 'must be one of name'],
    ['a negative age', { ...web, defaultMaxAge: -1 }, 'defaultMaxAge', 'whole number'],
    ['a picture by http', { ...web, logoUri: 'http://example.com/logo.png' }, 'logoUri', 'https'],
    ['a picture that is a script', { ...web, logoUri: 'javascript:alert(1)' }, 'logoUri', 'https'],
    ['a picture in itself', { ...web, logoUri: 'data:image/png;base64,AA==' }, 'logoUri', 'https'],
    ['no address', { ...web, contacts: ['someone'] }, 'contacts.0', 'must be an e-mail address'],
    ['a client id of its own', { ...web, clientId: 'mine' }, 'clientId', 'read-only'],
    ['an unknown response type', { ...web, responseTypes: ['token'] }, 'responseTypes.0', 'must be one of code'],
    ['tokens in front', { ...web, responseTypes: ['code', 'code id_token'] }, 'responseTypes.1', 'needs implicit'],
    [
      'no code',
      { ...web, grantTypes: ['authorization_code', 'implicit'], responseTypes: ['id_token'] },
      'responseTypes',
      'one with code',
    ],
    ['half a state', { ...web, isActive: 'off' }, 'isActive', 'must be true or false'],
    ['an externalId with a space', { ...web, externalId: 'a b' }, 'externalId', 'no space'],
    ['an unknown property', { ...web, colour: 'red' }, 'colour', 'is not a member of client metadata'],
    [
      'a mistyped property',
      { ...web, redirectUri: CALLBACK },
      'redirectUri',
      'is not a member of client metadata; did you mean redirectUris?',
    ],
    [
      'two exchanged letters',
      { ...web, nmae: 'Web' },
      'nmae',
      'is not a member of client metadata; did you mean name?',
    ],
    [
      'the name of a property in RFC 7591',
      { ...web, token_endpoint_auth_method: 'none' },
      'token_endpoint_auth_method',
      'is not a member of client metadata; did you mean tokenEndpointAuthMethod?',
    ],
    ['no object', [], '', 'must be a JSON object'],
    ['null', null, '', 'must be a JSON object'],
  ])('must not have %s', (_, body, path, message) => {
    expect(problemsOf(body)).toEqual([[path, expect.stringContaining(message)]])
  })

  it('is rejected with all errors at once, each with its path', () => {
    const body = {
      name: '',
      clientType: 'public',
      redirectUris: ['/a', CALLBACK, 'https://b.example/#c'],
      grantTypes: ['authorization_code', 'client_credentials'],
      requirePkce: false,
      accessTokenLifetime: -1,
      colour: 'red',
      id: 'x',
    }
    expect(pathsOf(body).toSorted()).toEqual(
      [
        'name',
        'redirectUris.0',
        'redirectUris.2',
        'grantTypes.1',
        'requirePkce',
        'accessTokenLifetime',
        'colour',
        'id',
      ].toSorted(),
    )
  })

  it('has nothing concluded from what could not be read', () => {
    expect(pathsOf({ ...web, clientType: 'secret', redirectUris: ['com.example.app:/x'] })).toEqual(['clientType'])
    expect(pathsOf({ ...web, grantTypes: 'all', redirectUris: [] })).toEqual(['grantTypes'])
    expect(pathsOf({ ...spa, pkceRequired: 'no' })).toEqual(['pkceRequired'])
  })
})
