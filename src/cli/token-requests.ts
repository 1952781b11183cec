import type { ClientCredentials } from './client-authentication.ts'
import { failureOf } from './failure.ts'
import type { Metadata } from './metadata.ts'
import { sendForm } from './server.ts'

/** Revokes a token of this client (RFC 7009 §2.1). */
export async function revokeToken(metadata: Metadata, client: ClientCredentials, token: string): Promise<void> {
  const proof = await client.prove(metadata.issuer)
  const { status, body } = await sendForm(
    metadata.issuer,
    metadata.revocation,
    { token, ...proof.fields },
    proof.headers,
  )
  if (status !== 200) throw failureOf(status, body)
}

/** What a token is worth now (RFC 7662 §2.2). */
export async function introspectToken(metadata: Metadata, client: ClientCredentials, token: string): Promise<unknown> {
  const proof = await client.prove(metadata.issuer)
  const { status, body } = await sendForm(
    metadata.issuer,
    metadata.introspection,
    { token, ...proof.fields },
    proof.headers,
  )
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
