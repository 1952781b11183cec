import { macAlgorithms, signingAlgorithms } from '../../../model/clients/client-algorithms.ts'
import * as certificateField from './certificate-fields.ts'
import * as field from './fields.ts'
import { authenticationMethods } from '../../authentication/methods/index.ts'
import { withFormGroup } from './group.ts'

export const authentication = withFormGroup('Authentication', {
  tokenEndpointAuthMethod: field
    .oneOf(authenticationMethods.map(({ name }) => name))
    .describe('The method of client authentication; default client_secret_basic, or none for a public client.'),
  tokenEndpointAuthSigningAlg: field
    .oneOf([...signingAlgorithms, ...macAlgorithms])
    .nullable()
    .describe('The only accepted algorithm of its assertions; default any.'),
  jwks: field.keySet.nullable().describe('Its public keys. They verify its request objects and assertions.'),
  jwksUri: field.webUri
    .nullable()
    .describe('The URL of its public keys, instead of jwks. Fetched when needed, and again for an unknown key.'),
  tlsClientAuthSubjectDn: certificateField.subjectName
    .nullable()
    .describe('For tls_client_auth: the subject of its certificate (RFC 4514), such as CN=client,O=Example.'),
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
    .describe('Methods that are accepted besides tokenEndpointAuthMethod, for a migration between methods.'),
})
