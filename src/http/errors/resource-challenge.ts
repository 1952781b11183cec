/** Where the metadata of this server as a protected resource is (RFC 9728 §3). */
export const PROTECTED_RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource'

/**
 * A challenge for an access token (RFC 6750 §3), which also names the metadata of this server, so that a client finds where to
 * get one (RFC 9728 §5.1). Other challenges stay as they are.
 */
export function withResourceMetadata(challenge: string, issuer: string): string {
  const metadata = `resource_metadata="${issuer}${PROTECTED_RESOURCE_METADATA_PATH}"`
  if (challenge === 'Bearer') return `Bearer ${metadata}`
  return /error="(?:invalid_token|insufficient_scope)"/.test(challenge) ? `${challenge}, ${metadata}` : challenge
}
