// `clients` owns what the server knows about clients, apart from HTTP.
// Sub-folders: `authentication` (how a client proves its identity), `settings` (what may be registered),
// `registration` (RFC 7591, software statements, client ID metadata documents) and `diagnostics`.
// The management API over clients belongs to `admin/clients`.

import { hmacSha256 } from '../lib/hash.ts'
import type { Client } from '../model/clients/client.ts'

/** Names a person to a client: the `sub` of whatever the client is told. */
export type SubjectResolver = (
  client: Pick<Client, 'subjectType' | 'sectorIdentifierUri' | 'redirectUris'>,
  userId: string,
) => string

/**
 * Public clients of all know a person by one name. Pairwise ones know them by a name that only clients of the same sector
 * share, and that leads nobody back (OpenID Connect Core §8.1): a MAC under `key`, so it never changes while that stays.
 */
export function createSubjectResolver(key: Uint8Array): SubjectResolver {
  return (client, userId) => {
    if (client.subjectType === 'public') return userId
    return hmacSha256(key, `${sectorOf(client)}\n${userId}`).toString('base64url')
  }
}

/** The host of the sector identifier, or the one of all redirect URIs; of a private scheme the scheme. */
export function sectorOf({
  sectorIdentifierUri,
  redirectUris,
}: Pick<Client, 'sectorIdentifierUri' | 'redirectUris'>): string {
  const [sector = ''] = sectorIdentifierUri === null ? sectorsOf(redirectUris) : sectorsOf([sectorIdentifierUri])
  return sector
}

/** The different hosts of these addresses. */
export function sectorsOf(uris: readonly string[]): string[] {
  const hosts = uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).host || new URL(uri).protocol)
  return [...new Set(hosts)]
}

/**
 * What is wrong with the document at a sector identifier (§8.1, OpenID Connect Registration §5): it is a list that holds
 * every redirect URI. Every message completes the sentence "sectorIdentifierUri …".
 */
export async function sectorProblem(
  { sectorIdentifierUri, redirectUris }: Pick<Client, 'sectorIdentifierUri' | 'redirectUris'>,
  fetchText: (url: string) => Promise<string>,
): Promise<string | undefined> {
  if (sectorIdentifierUri === null) return undefined
  let listed: unknown
  try {
    listed = JSON.parse(await fetchText(sectorIdentifierUri))
  } catch {
    return 'leads to nothing that is JSON'
  }
  if (!Array.isArray(listed)) return 'leads to something that is no list'
  const missing = redirectUris.filter((uri) => !listed.includes(uri))
  return missing.length > 0 ? `leads to a list without ${missing.join(' ').slice(0, 200)}` : undefined
}
