// `admin/signing-keys` owns the operations that list and rotate the signing keys of the server.
// The keys sign the tokens of all organisations, so only administrators of the operator's organisation may use them.
// Creating and publishing keys belongs to `keys`.

import type { AdminResource } from '../operation.ts'
import { listSigningKeysOperation } from './list-signing-keys.ts'
import { rotateSigningKeysOperation, type SigningKeyServices } from './rotate-signing-keys.ts'

/** `/v1/admin/signing-keys`: the keys that all tokens are signed with. */
export const signingKeyResource = (services: SigningKeyServices): AdminResource => ({
  operations: [listSigningKeysOperation(services), rotateSigningKeysOperation(services)],
})
