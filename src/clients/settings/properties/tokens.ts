import { accessTokenFormats, accessTokenTypes } from '../../../model/clients/client.ts'
import {
  contentEncryptions,
  keyManagementAlgorithms,
  signingAlgorithms,
} from '../../../model/clients/client-algorithms.ts'
import * as field from './fields.ts'
import { withDefault } from './defaults.ts'
import { withFormGroup } from './group.ts'

const signing = field.oneOf(signingAlgorithms)
const keyManagement = field.oneOf(keyManagementAlgorithms)
const contentEncryption = field.oneOf(contentEncryptions)

const followsOrganisation = 'Default that of the organisation, which it then follows.'

export const tokens = withFormGroup('Tokens', {
  accessTokenFormat: withDefault(
    field
      .oneOf(accessTokenFormats)
      .describe('jwt (default): RFC 9068. opaque: has no readable content; resource servers introspect it.'),
    'jwt',
  ),
  accessTokenTyp: withDefault(
    field
      .oneOf(accessTokenTypes)
      .describe('The typ header of JWT access tokens. JWT: for libraries that do not accept the default at+jwt.'),
    'at+jwt',
  ),
  audience: field.listOf(field.resourceUri).describe('The aud of access tokens; default the issuer.'),
  accessTokenLifetime: field.integer(1, 86_400).describe(`Seconds. ${followsOrganisation}`),
  refreshTokenLifetime: field
    .integer(1, 31_536_000)
    .describe(`Seconds from the first refresh token of a grant until the last one expires. ${followsOrganisation}`),
  refreshTokenIdleLifetime: field
    .integer(60, 31_536_000)
    .nullable()
    .describe('Seconds after which an unused refresh token expires. Null: it expires after refreshTokenLifetime only.'),
  refreshTokenReuseWindow: withDefault(
    field
      .integer(0, 60)
      .describe('Seconds for which a replaced refresh token, if sent again, returns the same successor.'),
    10,
  ),
  idTokenLifetime: field.integer(1, 86_400).describe(`Seconds. ${followsOrganisation}`),
  authorizationCodeLifetime: withDefault(
    field.integer(10, 600).describe('Seconds within which a code must be exchanged; default 600.'),
    600,
  ),
  includeClaimsInIdToken: withDefault(
    field.boolean.describe(
      'Whether ID tokens have the claims of the scopes, too. If false, only ID tokens without an access token have them.',
    ),
    false,
  ),
  tlsClientCertificateBoundAccessTokens: withDefault(
    field.boolean.describe(
      'Whether its access tokens are bound to its certificate at the token endpoint (RFC 8705 §3). They do not work without that certificate.',
    ),
    false,
  ),
  dpopBoundAccessTokens: withDefault(
    field.boolean.describe(
      'Whether it must bind its access tokens with DPoP (RFC 9449 §5.2). If false, DPoP is optional.',
    ),
    false,
  ),
})

export const signatures = withFormGroup('Signing and encryption', {
  idTokenSignedResponseAlg: field.oneOf([...signingAlgorithms, 'none']).describe('Default RS256.'),
  accessTokenSigningAlg: signing.describe('The algorithm of JWT access tokens; default ES256.'),
  userinfoSignedResponseAlg: signing
    .nullable()
    .describe('Returns userinfo as a JWT with this algorithm; default plain JSON.'),
  introspectionSignedResponseAlg: signing
    .nullable()
    .describe(
      'The algorithm of introspection responses as JWTs, returned for Accept: application/token-introspection+jwt. Default RS256, or the first of the profile.',
    ),
  requestObjectSigningAlg: field
    .oneOf([...signingAlgorithms, 'none'])
    .nullable()
    .describe('The only accepted algorithm of its request objects; none: unsigned. Default any.'),
  requireSignedRequestObject: withDefault(
    field.boolean.describe('Whether it must send signed request objects, which must have all parameters.'),
    false,
  ),
  idTokenEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts ID tokens to a key of the client; default unencrypted.'),
  idTokenEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('Default A128CBC-HS256, with idTokenEncryptedResponseAlg.'),
  userinfoEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts userinfo to a key of the client; default unencrypted.'),
  userinfoEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('Default A128CBC-HS256, with userinfoEncryptedResponseAlg.'),
  introspectionEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts introspection responses as JWTs to a key of the client.'),
  introspectionEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('Default A128CBC-HS256, with introspectionEncryptedResponseAlg.'),
  requestObjectEncryptionAlg: keyManagement
    .nullable()
    .describe('The only accepted key management algorithm of encrypted request objects; default any.'),
  requestObjectEncryptionEnc: contentEncryption
    .nullable()
    .describe('Default A128CBC-HS256, with requestObjectEncryptionAlg.'),
  requireJarm: withDefault(
    field.boolean.describe('Whether authorization responses must be signed JWTs (JARM): response_mode jwt.'),
    false,
  ),
  authorizationSignedResponseAlg: signing
    .nullable()
    .describe(
      'The algorithm of authorization responses as JWTs (response_mode jwt). Default RS256, or the first of the profile.',
    ),
  authorizationEncryptedResponseAlg: keyManagement
    .nullable()
    .describe('Encrypts these responses to a key of the client; default unencrypted.'),
  authorizationEncryptedResponseEnc: contentEncryption
    .nullable()
    .describe('Default A128CBC-HS256, with authorizationEncryptedResponseAlg.'),
})
