import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretPost } from './client-secret-post.ts'
import type { AuthenticationMethod } from './method.ts'
import { none } from './none.ts'

/** Every method that a client can authenticate by. Discovery lists these; registration allows these. */
export const authenticationMethods: readonly AuthenticationMethod[] = [clientSecretBasic, clientSecretPost, none]
