import { adminOperation } from '../operation.ts'
import { listSigningKeys, signingKeyListSchema } from './signing-key.ts'

export const listSigningKeysOperation = (services: Parameters<typeof listSigningKeys>[0]) =>
  adminOperation({
    method: 'GET',
    path: '/v1/admin/signing-keys',
    operationId: 'listSigningKeys',
    tag: 'Signing keys',
    permission: 'signing_keys:read',
    operatorOnly: true,
    summary: 'List the signing keys',
    description: 'Without the private keys.',
    schema: { response: { 200: signingKeyListSchema } },
    handle: () => listSigningKeys(services),
  })
