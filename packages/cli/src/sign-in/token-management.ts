import { createApiError } from 'cerberus-idp-admin-client'
import { postAsClient } from '../requests/post-as-client.ts'
import type { ServerMetadata } from '../requests/server-metadata.ts'
import type { ClientCredentials } from './client-authentication.ts'

/** Revokes a token of this client (RFC 7009 §2.1). */
export async function revokeToken(metadata: ServerMetadata, client: ClientCredentials, token: string): Promise<void> {
  const { status, body } = await postAsClient(metadata, client, metadata.revocation, { token })
  if (status !== 200) throw createApiError(status, body)
}

/** Introspects a token (RFC 7662 §2.2). */
export async function introspectToken(
  metadata: ServerMetadata,
  client: ClientCredentials,
  token: string,
): Promise<unknown> {
  const { status, body } = await postAsClient(metadata, client, metadata.introspection, { token })
  if (status !== 200) throw createApiError(status, body)
  return body
}

/** The claims of a JWT without verification, for display only; empty for any other token. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch {
    return {}
  }
}
