import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import type { AuthenticationMethod } from './method.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { none } from './none.ts'
import { selfSignedTlsClientAuth, tlsClientAuth } from './tls.ts'

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

/** Whether a client of this method has a secret. */
export function usesSecret(method: string): boolean {
  return method.startsWith('client_secret_')
}
