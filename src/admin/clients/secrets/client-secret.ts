// `admin/clients/secrets` owns the operations that add, list, delete and rotate the secrets of a client.
// A secret is returned once, when it is created; the database keeps a hash of it.
// Verifying secrets belongs to `clients/authentication`.

import { z } from 'zod'
import type { ClientSecretInfo } from '../../../model/clients/client-secret.ts'
import { CLIENT_PATH } from '../client-path.ts'

export const SECRETS_PATH = `${CLIENT_PATH}/secrets`

/** A secret of a client, without its value. */
export const clientSecretSchema = z.object({
  id: z.string(),
  label: z.string().nullable(),
  expiresAt: z.string().nullable().describe('ISO 8601. The secret is rejected from then on.'),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable().describe('Rounded to the hour. Null: not used so far.'),
})

export function representSecret(secret: ClientSecretInfo): z.output<typeof clientSecretSchema> {
  return {
    id: secret.id,
    label: secret.label,
    expiresAt: secret.expiresAt?.toISOString() ?? null,
    createdAt: secret.createdAt.toISOString(),
    lastUsedAt: secret.lastUsedAt?.toISOString() ?? null,
  }
}
