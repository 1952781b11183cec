// `clients` owns what the server knows about clients, apart from HTTP.
// Sub-folders: `authentication` (how a client proves its identity), `settings` (what may be registered),
// `registration` (RFC 7591, software statements, client ID metadata documents), `management` (what administrators do) and
// `diagnostics`. The operations of the management API belong to `admin/clients`.

import { parseUrl } from '../lib/url.ts'
import { hmacSha256 } from '../lib/crypto/hash.ts'
import { parseForeignJson } from '../lib/json.ts'
import { recipientOf } from '../oauth/redirect-uri.ts'
import type { Client } from '../model/clients/client.ts'

/** Returns the subject identifier of a user for a client: the `sub` of its tokens. */
export type SubjectResolver = (
  client: Pick<Client, 'subjectType' | 'sectorIdentifierUri' | 'redirectUris'>,
  userId: string,
) => string

/**
 * Public subject identifiers are the same for all clients. Pairwise ones are the same for the clients of a sector only and
 * cannot be traced to the user (OpenID Connect Core §8.1): a MAC under `key`. They change if the key changes.
 */
export function createSubjectResolver(key: Uint8Array): SubjectResolver {
  return (client, userId) => {
    if (client.subjectType === 'public') return userId
    return hmacSha256(key, `${sectorOf(client)}\n${userId}`).toString('base64url')
  }
}

/** The host of the sector identifier or of the redirect URIs; for a private-use scheme the scheme. */
export function sectorOf({
  sectorIdentifierUri,
  redirectUris,
}: Pick<Client, 'sectorIdentifierUri' | 'redirectUris'>): string {
  const [sector = ''] = sectorIdentifierUri === null ? sectorsOf(redirectUris) : sectorsOf([sectorIdentifierUri])
  return sector
}

/** The distinct hosts of these URIs, and the schemes of those with a private-use scheme. */
export function sectorsOf(uris: readonly string[]): string[] {
  const recipients = uris.filter((uri) => parseUrl(uri)).map(recipientOf)
  return [...new Set(recipients.map((recipient) => ('host' in recipient ? recipient.host : recipient.scheme)))]
}

/**
 * Checks the document at a sector identifier, a list of all redirect URIs (§8.1, OpenID Connect Registration §5). Returns a
 * message that completes the sentence "sectorIdentifierUri …", or undefined.
 */
export async function sectorProblem(
  { sectorIdentifierUri, redirectUris }: Pick<Client, 'sectorIdentifierUri' | 'redirectUris'>,
  fetchText: (url: string) => Promise<string>,
): Promise<string | undefined> {
  if (sectorIdentifierUri === null) return undefined
  let listed: unknown
  try {
    listed = parseForeignJson(await fetchText(sectorIdentifierUri))
  } catch {
    return 'must be the URL of a JSON document'
  }
  if (!Array.isArray(listed)) return 'must be the URL of a JSON array'
  const missing = redirectUris.filter((uri) => !listed.includes(uri))
  return missing.length > 0 ? `must be the URL of a list that contains ${missing.join(' ').slice(0, 200)}` : undefined
}
