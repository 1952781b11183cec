/**
 * The URL that `text` is (WHATWG URL), relative to `base`; undefined if it is not one. `URL.canParse` must not be used: once
 * Node 20 and 22 have optimised a call of it, it rejects text with characters from U+0080 to U+00FF.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
