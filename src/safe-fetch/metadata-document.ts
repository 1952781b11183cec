import type { SafeFetch } from './safe-fetch.ts'

/** A fetched metadata document, or the reason why the response cannot be used, which the cache stores as well. */
export type FetchedDocument =
  | { kind: 'document'; body: string; maxAge: number | undefined }
  | { kind: 'unusable'; reason: string }

/** The draft recommends 5 KB, which a document with its keys may exceed. */
const MAX_DOCUMENT_BYTES = 32_768
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i

/**
 * Fetches metadata documents (draft-ietf-oauth-client-id-metadata-document §3), which need status 200 and a JSON media
 * type. `maxAge` is the lifetime in seconds by the cache headers (RFC 9111), undefined without them. Throws
 * `SafeFetchError` when there is no response.
 */
export function createMetadataDocumentFetcher(
  safeFetch: Pick<SafeFetch, 'get'>,
): (url: string) => Promise<FetchedDocument> {
  return async (url) => {
    const { status, headers, body, isUtf8 } = await safeFetch.get(url, { maxBytes: MAX_DOCUMENT_BYTES })
    if (status !== 200) return { kind: 'unusable', reason: `was answered with status ${status} instead of 200` }
    if (!JSON_TYPE.test(headerValue(headers['content-type']))) {
      return { kind: 'unusable', reason: 'is not served as application/json' }
    }
    if (!isUtf8) return { kind: 'unusable', reason: 'is not encoded in UTF-8' }
    return {
      kind: 'document',
      body,
      maxAge: maxAgeOf(headerValue(headers['cache-control']), headerValue(headers['age'])),
    }
  }
}

/** The rules of a shared cache (RFC 9111 §4.2.1, §5.2.2). */
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
