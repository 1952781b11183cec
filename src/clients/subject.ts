import { hmacSha256 } from '../lib/secret.ts'
import type { Client } from '../model/client.ts'

/** Names a person to a client: the `sub` of whatever the client is told. */
export type Subjects = (
  client: Pick<Client, 'subjectType' | 'sectorIdentifierUri' | 'redirectUris'>,
  userId: string,
) => string

/**
 * Public clients of all know a person by one name. Pairwise ones know them by a name that only clients of the same sector
 * share, and that leads nobody back (OpenID Connect Core §8.1): a MAC under `key`, so it never changes while that stays.
 */
export function createSubjects(key: Uint8Array): Subjects {
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
  fetchDocument: (url: string) => Promise<string>,
): Promise<string | undefined> {
  if (sectorIdentifierUri === null) return undefined
  let listed: unknown
  try {
    listed = JSON.parse(await fetchDocument(sectorIdentifierUri))
  } catch {
    return 'leads to nothing that is JSON'
  }
  if (!Array.isArray(listed)) return 'leads to something that is no list'
  const missing = redirectUris.filter((uri) => !listed.includes(uri))
  return missing.length > 0 ? `leads to a list without ${missing.join(' ').slice(0, 200)}` : undefined
}
