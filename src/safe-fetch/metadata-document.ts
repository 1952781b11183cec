import type { SafeFetch } from './safe-fetch.ts'

/** The fetched metadata document, or the reason why it is unusable. */
export type FetchedDocument =
  | { kind: 'document'; body: string; maxAge: number | undefined }
  | { kind: 'unusable'; reason: string }

/** Bytes: the draft recommends 5 KB, which keys by value may exceed. */
const MAX_DOCUMENT_BYTES = 32_768
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/**
 * Fetches metadata documents (draft-ietf-oauth-client-id-metadata-document §3): 200 and JSON by its media type, or
 * nothing. `maxAge` is for how many seconds it may be kept by its cache headers (RFC 9111), undefined where they do not
 * say. Throws `SafeFetchError` where there is no answer.
 */
export function createMetadataDocumentFetcher(
  safeFetch: Pick<SafeFetch, 'get'>,
): (url: string) => Promise<FetchedDocument> {
  return async (url) => {
    const { status, headers, body } = await safeFetch.get(url, { maxBytes: MAX_DOCUMENT_BYTES })
    if (status !== 200) return { kind: 'unusable', reason: `was answered with the status ${status}, not 200` }
    if (!JSON_TYPE.test(headerValue(headers['content-type']))) {
      return { kind: 'unusable', reason: 'is not served as application/json' }
    }
    return {
      kind: 'document',
      body,
      maxAge: maxAgeOf(headerValue(headers['cache-control']), headerValue(headers['age'])),
    }
  }
}

/** RFC 9111 §4.2.1, §5.2.2: of a cache that is shared. */
function maxAgeOf(cacheControl: string, age: string): number | undefined {
  const directives = cacheControl.toLowerCase().split(',')
  const seconds = (name: string) => {
    const [, found] =
      directives.map((directive) => new RegExp(`^\\s*${name}="?(\\d{1,9})"?\\s*$`).exec(directive)).find(Boolean) ?? []
    return found === undefined ? undefined : Number(found)
  }
  if (directives.some((directive) => /^\s*(?:no-store|no-cache|private)\b/.test(directive))) return 0
  const lifetime = seconds('s-maxage') ?? seconds('max-age')
  return lifetime === undefined ? undefined : Math.max(0, lifetime - (/^\d{1,9}$/.test(age) ? Number(age) : 0))
}

function headerValue(header: string | string[] | undefined): string {
  return [header ?? ''].flat().join(',')
}
