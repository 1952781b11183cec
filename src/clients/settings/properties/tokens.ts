import {
  accessTokenFormats,
  contentEncryptions,
  keyManagementAlgorithms,
  signingAlgorithms,
} from '../../../model/clients/client.ts'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

const signing = field.oneOf(signingAlgorithms)
const keyManagement = field.oneOf(keyManagementAlgorithms)
const contentEncryption = field.oneOf(contentEncryptions)

export const tokens = withFormGroup('Tokens', {
  accessTokenFormat: withDefault(
    field
      .oneOf(accessTokenFormats)
      .describe(
        'jwt: RFC 9068, and what it is where it is left out. opaque: says nothing to anybody; who is sent one asks introspection.',
      ),
    'jwt',
  ),
  audience: field.listOf(field.resourceUri).describe('The aud of access tokens; empty: the issuer.'),
  accessTokenLifetime: field.integer(1, 86_400).describe('Seconds.'),
  refreshTokenLifetime: withDefault(
    field.integer(1, 31_536_000).describe('Seconds, from the first refresh token of a grant to the end of its last.'),
    2_592_000,
  ),
  refreshTokenIdleLifetime: field
    .integer(60, 31_536_000)
    .nullable()
    .describe(
      'Seconds after which a refresh token that nobody used has expired. Null: only when refreshTokenLifetime is over.',
    ),
  refreshTokenReuseWindow: withDefault(
    field
      .integer(0, 60)
      .describe('Seconds in which a refresh token that was just replaced is answered with the same successor.'),
    10,
  ),
  idTokenLifetime: withDefault(field.integer(1, 86_400).describe('Seconds.'), 3600),
  authorizationCodeLifetime: withDefault(
    field.integer(10, 600).describe('Seconds in which a code must be exchanged; 600 where it is left out.'),
    600,
  ),
  includeClaimsInIdToken: withDefault(
    field.boolean.describe(
      'Whether ID tokens tell the claims of the scopes, too. Without it, only where there is no access token to ask userinfo with.',
    ),
    false,
  ),
  tlsClientCertificateBoundAccessTokens: withDefault(
    field.boolean.describe(
      'Whether its access tokens are bound to the certificate that it shows at the token endpoint (RFC 8705 §3): without the same certificate they are good for nothing.',
    ),
    false,
  ),
  dpopBoundAccessTokens: withDefault(
    field.boolean.describe(
      'Whether it must bind its access tokens to a key by DPoP (RFC 9449 §5.2). Where it is false it may: a proof binds, whoever sends one.',
    ),
    false,
  ),
})

export const signatures = withFormGroup('Signing and encryption', {
  idTokenSignedResponseAlg: field.oneOf([...signingAlgorithms, 'none']).describe('RS256 where it is left out.'),
  accessTokenSigningAlg: signing.describe('Of JWTs. ES256 where it is left out.'),
  userinfoSignedResponseAlg: signing.nullable().describe('Makes userinfo a JWT. Plain JSON where it is left out.'),
  introspectionSignedResponseAlg: signing
    .nullable()
    .describe(
      'Of introspection as a JWT, which it gets when it asks for application/token-introspection+jwt. RS256 where it is left out; ES256 under strict.',
    ),
  requestObjectSigningAlg: field
    .oneOf([...signingAlgorithms, 'none'])
    .nullable()
    .describe('The only algorithm of its request objects; none: unsigned ones. Any, where it is left out.'),
  requireSignedRequestObject: withDefault(
    field.boolean.describe('Whether its requests must come as signed request objects, which then say everything.'),
    false,
  ),
  idTokenEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts ID tokens to a key of the client. Not encrypted where it is left out.'),
  idTokenEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('A128CBC-HS256 where it is left out beside idTokenEncryptedResponseAlg.'),
  userinfoEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts userinfo to a key of the client. Not encrypted where it is left out.'),
  userinfoEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('A128CBC-HS256 where it is left out beside userinfoEncryptedResponseAlg.'),
  introspectionEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts introspection as a JWT to a key of the client.'),
  introspectionEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('A128CBC-HS256 where it is left out beside introspectionEncryptedResponseAlg.'),
  requestObjectEncryptionAlg: keyManagement
    .nullable()
    .describe('The only way in which its request objects may be encrypted to us. Any, where it is left out.'),
  requestObjectEncryptionEnc: contentEncryption
    .nullable()
    .describe('A128CBC-HS256 where it is left out beside requestObjectEncryptionAlg.'),
  authorizationSignedResponseAlg: signing
    .nullable()
    .describe(
      'Of answers of the authorization endpoint that are JWTs, which it gets when it asks for response_mode jwt. RS256 where it is left out; ES256 under strict.',
    ),
  authorizationEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts these answers to a key of the client. Not encrypted where it is left out.'),
  authorizationEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('A128CBC-HS256 where it is left out beside authorizationEncryptedResponseAlg.'),
})
