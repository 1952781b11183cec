import { macAlgorithms, signingAlgorithms } from '../../../model/clients/client.ts'
import * as certificateField from './certificate-fields.ts'
import * as field from './fields.ts'
import { authenticationMethods } from '../../authentication/methods/index.ts'
import { withFormGroup } from './group.ts'

export const authentication = withFormGroup('Authentication', {
  tokenEndpointAuthMethod: field
    .oneOf(authenticationMethods.map(({ name }) => name))
    .describe('The way in which it proves itself: client_secret_basic where it is left out, none for a public client.'),
  tokenEndpointAuthSigningAlg: field
    .oneOf([...signingAlgorithms, ...macAlgorithms])
    .nullable()
    .describe('The only algorithm of its assertions. Any, where it is left out.'),
  jwks: field.keySet.nullable().describe('Its public keys: they check its request objects and assertions.'),
  jwksUri: field.webUri
    .nullable()
    .describe(
      'Where its public keys are, instead of jwks. Fetched when needed, and again for a key that is not known.',
    ),
  tlsClientAuthSubjectDn: certificateField.subjectName
    .nullable()
    .describe('For tls_client_auth: the subject of its certificate, as in RFC 4514: CN=client,O=Example.'),
  tlsClientAuthSanDns: certificateField.hostName
    .nullable()
    .describe('For tls_client_auth, instead: a DNS name of its certificate.'),
  tlsClientAuthSanUri: certificateField.uri
    .nullable()
    .describe('For tls_client_auth, instead: a URI of its certificate.'),
  tlsClientAuthSanIp: certificateField.ipAddress
    .nullable()
    .describe('For tls_client_auth, instead: an IP address of its certificate.'),
  tlsClientAuthSanEmail: field.emailAddress
    .nullable()
    .describe('For tls_client_auth, instead: an e-mail address of its certificate.'),
  additionalTokenEndpointAuthMethods: field
    .listOf(field.oneOf(authenticationMethods.map(({ name }) => name).filter((name) => name !== 'none')))
    .describe('Ways that are as good as tokenEndpointAuthMethod, for as long as it moves from one to another.'),
})
