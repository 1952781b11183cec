import { createBrotliDecompress, createUnzip, type BrotliDecompress, type Unzip } from 'node:zlib'

/** The codings that responses may have, for `Accept-Encoding` (RFC 9110 §12.5.3). */
export const ACCEPTED_CODINGS = 'gzip, deflate, br'

/**
 * The decoder of a response with this `Content-Encoding` (RFC 9110 §8.4.1), or undefined if it has none. Throws for others,
 * and for several. The caller limits the size of what is decoded.
 */
export function createDecoder(contentEncoding: string | undefined): Unzip | BrotliDecompress | undefined {
  const coding = contentEncoding?.trim().toLowerCase() ?? ''
  switch (coding) {
    case '':
    case 'identity':
      return undefined
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new Error(`The response has the unsupported coding ${coding.slice(0, 40)}.`)
  }
}
