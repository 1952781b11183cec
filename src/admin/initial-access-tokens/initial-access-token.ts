import { z } from 'zod'
import type { InitialAccessToken } from '../../model/clients/client-registration.ts'

export const TOKENS_PATH = '/v1/admin/initial-access-tokens'

/** An initial access token, without its value. */
export const initialAccessTokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  userId: z.string().nullable().describe('The user who created it; null: a client acting for itself.'),
  actingClientId: z.string().nullable().describe('The client_id of the client that created it, if one did.'),
  usesLeft: z.int(),
  scopes: z.array(z.string()).describe('The scopes that its clients may have at most.'),
  expiresAt: z.string().describe('ISO 8601.'),
  lastUsedAt: z.string().nullable(),
  createdAt: z.string(),
})

export function representToken({
  organisationId: _,
  ...token
}: InitialAccessToken): z.output<typeof initialAccessTokenSchema> {
  return {
    ...token,
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    createdAt: token.createdAt.toISOString(),
  }
}
