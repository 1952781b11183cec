// `admin/initial-access-tokens` owns the operations on initial access tokens (RFC 7591 §3).
// With such a token a client registers itself where the registration policy asks for one.
// Using a token belongs to `clients/registration`.

import type { InitialAccessTokenServices } from '../../clients/management/initial-access-tokens.ts'
import type { AdminResource } from '../operation.ts'
import { createInitialAccessTokenOperation } from './create-initial-access-token.ts'
import { deleteInitialAccessTokenOperation } from './delete-initial-access-token.ts'
import { listInitialAccessTokensOperation } from './list-initial-access-tokens.ts'

/** `/v1/admin/initial-access-tokens`: tokens with which clients register themselves. */
export const initialAccessTokenResource = (services: InitialAccessTokenServices): AdminResource => ({
  operations: [
    listInitialAccessTokensOperation(services),
    createInitialAccessTokenOperation(services),
    deleteInitialAccessTokenOperation(services),
  ],
})
