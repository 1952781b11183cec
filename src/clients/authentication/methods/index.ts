import { allowedAuthMethods, type AuthenticationMethods } from '../../../model/clients/client.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import type { AuthenticationMethod } from './method.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { none } from './none.ts'
import { selfSignedTlsClientAuth, tlsClientAuth } from './mutual-tls.ts'

/** Every method that a client can authenticate by. Discovery lists these; registration allows these. */
export const authenticationMethods: readonly AuthenticationMethod[] = [
  clientSecretBasic,
  clientSecretPost,
  clientSecretJwt,
  privateKeyJwt,
  tlsClientAuth,
  selfSignedTlsClientAuth,
  none,
]

/** Those that prove a client by its connection. */
export const connectionMethods = authenticationMethods.filter(({ byConnection }) => byConnection)

/** Whether a client has a secret by one of its methods. */
export function usesSecret(client: AuthenticationMethods): boolean {
  return allowedAuthMethods(client).some((method) => method.startsWith('client_secret_'))
}
