import type { ClientCredentials } from './client-authentication.ts'
import { askAsClient } from './client-endpoint.ts'
import { failureOf } from './failure.ts'
import type { Metadata } from './metadata.ts'

/** Revokes a token of this client (RFC 7009 §2.1). */
export async function revokeToken(metadata: Metadata, client: ClientCredentials, token: string): Promise<void> {
  const { status, body } = await askAsClient(metadata, client, metadata.revocation, { token })
  if (status !== 200) throw failureOf(status, body)
}

/** What a token is worth now (RFC 7662 §2.2). */
export async function introspectToken(metadata: Metadata, client: ClientCredentials, token: string): Promise<unknown> {
  const { status, body } = await askAsClient(metadata, client, metadata.introspection, { token })
  if (status !== 200) throw failureOf(status, body)
  return body
}

/** What a JWT says, unverified: for display alone. Nothing of a token that is none. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch {
    return {}
  }
}
