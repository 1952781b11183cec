// `admin/api-keys` owns the operations on API keys.
// What they do, and the use of a key, belongs to `users/api-keys`.

import type { ApiKeyManagement } from '../../users/api-keys/manage-api-keys.ts'
import type { AdminResource } from '../operation.ts'
import { createApiKeyOperation } from './create-api-key.ts'
import { getApiKeyOperation } from './get-api-key.ts'
import { listApiKeysOperation } from './list-api-keys.ts'
import { revokeApiKeyOperation } from './revoke-api-key.ts'
import { rotateApiKeyOperation } from './rotate-api-key.ts'

/** `/v1/admin/api-keys`: credentials of users and service accounts for the management API. */
export const apiKeyResource = (services: ApiKeyManagement): AdminResource => ({
  operations: [
    listApiKeysOperation(services),
    createApiKeyOperation(services),
    getApiKeyOperation(services),
    rotateApiKeyOperation(services),
    revokeApiKeyOperation(services),
  ],
})
