// Clients that between them have every member that can be set, none of them as it is by default.
import { exportJWK, generateKeyPair } from 'jose'

export type Settings = Readonly<Record<string, unknown>>

/** What each of them could be registered with. `sector` is where the redirect URI of the second stands in a list. */
export async function wholeClients(sector: string): Promise<Settings[]> {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const { publicKey: encryptionKey } = await generateKeyPair('ECDH-ES', { extractable: true })
  const jwks = {
    keys: [
      { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' },
      { ...(await exportJWK(encryptionKey)), kid: 'two', alg: 'ECDH-ES', use: 'enc' },
    ],
  }
  const most = {
    name: 'Everything “that” can be — Ä',
    description: 'On two lines:\nthis is the second.',
    clientType: 'confidential',
    groups: ['production', 'team/payments'],
    applicationType: 'native',
    redirectUris: ['https://app.example.com/callback', 'https://app.example.com/second?with=query'],
    postLogoutRedirectUris: ['https://app.example.com/bye'],
    allowedOrigins: ['https://app.example.com'],
    initiateLoginUri: 'https://app.example.com/begin',
    requestUris: ['https://app.example.com/request.jwt'],
    scopes: ['openid', 'profile', 'offline_access', 'reports:read'],
    grantTypes: [
      'authorization_code',
      'implicit',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    responseTypes: ['code', 'code id_token'],
    requirePkce: false,
    pkceRequired: false,
    requireConsent: false,
    isFirstParty: true,
    tokenEndpointAuthMethod: 'private_key_jwt',
    tokenEndpointAuthSigningAlg: 'ES256',
    jwks,
    accessTokenFormat: 'opaque',
    audience: ['https://api.example.com'],
    accessTokenLifetime: 301,
    refreshTokenLifetime: 86_401,
    refreshTokenIdleLifetime: 3601,
    refreshTokenReuseWindow: 0,
    idTokenLifetime: 302,
    authorizationCodeLifetime: 61,
    defaultMaxAge: 1800,
    requireAuthTime: true,
    defaultAcrValues: ['urn:example:strong', '1'],
    idTokenSignedResponseAlg: 'ES256',
    accessTokenSigningAlg: 'PS256',
    userinfoSignedResponseAlg: 'EdDSA',
    introspectionSignedResponseAlg: 'PS256',
    requestObjectSigningAlg: 'ES256',
    requireSignedRequestObject: true,
    idTokenEncryptedResponseAlg: 'ECDH-ES',
    idTokenEncryptedResponseEnc: 'A256GCM',
    userinfoEncryptedResponseAlg: 'ECDH-ES',
    userinfoEncryptedResponseEnc: 'A128GCM',
    introspectionEncryptedResponseAlg: 'ECDH-ES',
    introspectionEncryptedResponseEnc: 'A256CBC-HS512',
    requestObjectEncryptionAlg: 'RSA-OAEP-256',
    requestObjectEncryptionEnc: 'A256GCM',
    logoUri: 'https://app.example.com/logo.png',
    clientUri: 'https://app.example.com/',
    policyUri: 'https://app.example.com/privacy',
    tosUri: 'https://app.example.com/terms',
    contacts: ['ops@example.com', 'other@example.com'],
    localised: { fr: { name: 'Tout' }, 'de-CH': { name: 'Alles', tosUri: 'https://app.example.com/agb' } },
    softwareId: 'software',
    softwareVersion: '1.0',
    frontchannelLogoutUri: 'https://app.example.com/front',
    frontchannelLogoutSessionRequired: true,
    backchannelLogoutUri: 'https://app.example.com/back',
    backchannelLogoutSessionRequired: true,
    expiresAt: '2099-01-31T12:00:00.000Z',
  }
  const machine = {
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    scopes: ['reports:read'],
    tokenEndpointAuthMethod: 'tls_client_auth',
  }
  return [
    most,
    {
      name: 'Pairwise and strict',
      clientType: 'confidential',
      profile: 'strict',
      idTokenSignedResponseAlg: 'ES256',
      redirectUris: ['https://app.example.com/callback'],
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwksUri: 'https://app.example.com/jwks.json',
      subjectType: 'pairwise',
      sectorIdentifierUri: sector,
    },
    {
      ...machine,
      name: 'By subject',
      tlsClientAuthSubjectDn: 'CN=Reports,O=Example',
      tlsClientCertificateBoundAccessTokens: true,
    },
    { ...machine, name: 'By host', tlsClientAuthSanDns: 'reports.example.com', dpopBoundAccessTokens: true },
    { ...machine, name: 'By URI', tlsClientAuthSanUri: 'https://reports.example.com/id' },
    { ...machine, name: 'By address', tlsClientAuthSanIp: '192.0.2.7' },
    { ...machine, name: 'By mailbox', tlsClientAuthSanEmail: 'reports@example.com' },
  ]
}
