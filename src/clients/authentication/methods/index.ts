import { allowedAuthMethods, type AuthenticationMethods } from '../../../model/clients/authentication-methods.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import type { AuthenticationMethod } from './method.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { none } from './none.ts'
import { selfSignedTlsClientAuth, tlsClientAuth } from './mutual-tls.ts'

/** All methods of client authentication. Discovery and registration offer exactly these. */
export const authenticationMethods: readonly AuthenticationMethod[] = [
  clientSecretBasic,
  clientSecretPost,
  clientSecretJwt,
  privateKeyJwt,
  tlsClientAuth,
  selfSignedTlsClientAuth,
  none,
]

/** The methods that use the certificate of the connection. */
export const connectionMethods = authenticationMethods.filter(({ byConnection }) => byConnection)

/** Whether one of the client's methods needs a secret. */
export function usesSecret(client: AuthenticationMethods): boolean {
  return allowedAuthMethods(client).some((method) => method.startsWith('client_secret_'))
}
