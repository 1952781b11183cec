import type { ClientSettings } from '../../model/client.ts'
import type { Schema } from './operation.ts'

// What the members of client metadata mean, for those whose schema does not say it.
const notes: Readonly<Partial<Record<keyof ClientSettings, string>>> = {
  name: 'What people read on the pages.',
  externalId:
    'What you call it where you keep its settings (RFC 7643 §3.1), the same on every server: no two clients of an organisation have the same.',
  description: 'For administrators.',
  groups: 'For administrators: names that lists can be narrowed to. They mean nothing to the protocol.',
  clientType: 'confidential: runs on a server and keeps a secret. public: runs in a browser or on a device. Final.',
  profile: 'The rules that it is under: openid where it is left out, or strict. See docs/profiles.md.',
  redirectUris:
    'Where answers may go, compared character by character: https, or http on localhost; for a public client also a private scheme such as com.example.app:/callback. Needed for authorization_code.',
  postLogoutRedirectUris: 'Where a browser may go after signing out, compared likewise.',
  allowedOrigins: 'Origins whose scripts may read the answers of the token, revocation and userinfo endpoints.',
  grantTypes:
    'authorization_code and refresh_token where it is left out, and client_credentials for a confidential client with scopes of its own.',
  responseTypes:
    'What it may ask the authorization endpoint for: code for authorization_code where it is left out. The others put tokens into the browser and need implicit among grantTypes.',
  scopes: 'All that it may ask for; openid where it is left out.',
  tokenEndpointAuthMethod:
    'The one way in which it proves itself: client_secret_basic where it is left out, none for a public client.',
  requirePkce: 'True where it is left out; a public client cannot do without.',
  requireConsent: 'Whether people are asked; true where it is left out.',
  isFirstParty: 'An application of the organisation itself: nobody is asked, and it learns roles and permissions.',
  idTokenSignedResponseAlg: 'RS256 where it is left out.',
  accessTokenFormat:
    'jwt: RFC 9068, and what it is where it is left out. opaque: says nothing to anybody; who is sent one asks introspection.',
  accessTokenSigningAlg: 'Of JWTs. ES256 where it is left out.',
  accessTokenLifetime: 'Seconds.',
  refreshTokenLifetime: 'Seconds, from the first refresh token of a grant to the end of its last.',
  idTokenLifetime: 'Seconds.',
  authorizationCodeLifetime: 'Seconds in which a code must be exchanged; 600 where it is left out.',
  refreshTokenIdleLifetime:
    'Seconds after which a refresh token that nobody used has expired. Null: only when refreshTokenLifetime is over.',
  refreshTokenReuseWindow: 'Seconds in which a refresh token that was just replaced gets the same successor again.',
  audience: 'The aud of access tokens; empty: the issuer.',
  defaultMaxAge: 'Seconds since sign-in after which people are asked to sign in again.',
  logoUri: 'A picture for the pages.',
  clientUri: 'Its home page.',
  policyUri: 'What it does with data.',
  tosUri: 'Its terms of service.',
  contacts: 'E-mail addresses of who is responsible.',
  localised:
    'The same for people who read another language, by language tag: name, logoUri, clientUri, policyUri, tosUri.',
  applicationType: 'web or native: told again, and no more. What counts is clientType.',
  initiateLoginUri: 'Where others may send a person to begin a sign-in at the client (OpenID Connect Core §4).',
  softwareId: 'The name of the software, the same in all that install it (RFC 7591 §2).',
  softwareVersion: 'Of the software.',
  requireAuthTime: 'Whether ID tokens must have auth_time; they always do.',
  defaultAcrValues: 'What it would like as acr, best first.',
  requireSignedRequestObject: 'Whether its requests must come as signed request objects, which then say everything.',
  introspectionSignedResponseAlg:
    'Of introspection as a JWT, which it gets when it asks for application/token-introspection+jwt. RS256 where it is left out; ES256 under strict.',
  introspectionEncryptedResponseAlg: 'Encrypts introspection as a JWT to a key of the client.',
  introspectionEncryptedResponseEnc: 'A128CBC-HS256 where it is left out beside introspectionEncryptedResponseAlg.',
  jwks: 'Its public keys: they check its request objects and assertions.',
  jwksUri: 'Where its public keys are, instead of jwks. Fetched when needed, and again for a key that is not known.',
  requestObjectSigningAlg: 'The only algorithm of its request objects; none: unsigned ones. Any, where it is left out.',
  tokenEndpointAuthSigningAlg: 'The only algorithm of its assertions. Any, where it is left out.',
  requestUris: 'Where its request objects may be fetched; what stands after # is not compared.',
  userinfoSignedResponseAlg: 'Makes userinfo a JWT. Plain JSON where it is left out.',
  idTokenEncryptedResponseAlg: 'Encrypts ID tokens to a key of the client. Not encrypted where it is left out.',
  idTokenEncryptedResponseEnc: 'A128CBC-HS256 where it is left out beside idTokenEncryptedResponseAlg.',
  userinfoEncryptedResponseAlg: 'Encrypts userinfo to a key of the client. Not encrypted where it is left out.',
  userinfoEncryptedResponseEnc: 'A128CBC-HS256 where it is left out beside userinfoEncryptedResponseAlg.',
  requestObjectEncryptionAlg:
    'The only way in which its request objects may be encrypted to us. Any, where it is left out.',
  requestObjectEncryptionEnc: 'A128CBC-HS256 where it is left out beside requestObjectEncryptionAlg.',
  tlsClientAuthSubjectDn: 'For tls_client_auth: the subject of its certificate, as in RFC 4514: CN=client,O=Example.',
  tlsClientAuthSanDns: 'For tls_client_auth, instead: a DNS name of its certificate.',
  tlsClientAuthSanUri: 'For tls_client_auth, instead: a URI of its certificate.',
  tlsClientAuthSanIp: 'For tls_client_auth, instead: an IP address of its certificate.',
  tlsClientAuthSanEmail: 'For tls_client_auth, instead: an e-mail address of its certificate.',
  subjectType: 'public: people have one name for all clients. pairwise: one for each sector.',
  sectorIdentifierUri: 'Where the list of all its redirect URIs is; its host is the sector. Needed for several hosts.',
  frontchannelLogoutUri: 'Loaded in a frame when a person signs out whom it knows; of the origin of a redirect URI.',
  frontchannelLogoutSessionRequired: 'Whether iss and sid are added to it; false where it is left out.',
  backchannelLogoutUri: 'Where a logout token is posted when a session ends from which it knows a person.',
  backchannelLogoutSessionRequired: 'Whether logout tokens must have sid; they always do.',
  expiresAt: 'From then on it gets nothing; it is disabled, and thirty days later removed. Null: never.',
  isActive: 'While false it gets nothing and what it holds does not work.',
}

/** The schema of client metadata with a note on every member that has none. */
export function withClientNotes(schema: Schema): Schema {
  if ('$ref' in schema || !schema.properties) return schema
  const properties = Object.entries(schema.properties).map(([name, member]): [string, Schema] => {
    const note = notes[name as keyof ClientSettings]
    const silent = !('$ref' in member) && member.description === undefined && note !== undefined
    return [name, silent ? { ...member, description: note } : member]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}
