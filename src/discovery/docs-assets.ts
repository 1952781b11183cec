import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { sha256 } from '../lib/crypto/hash.ts'
import { apiReferenceScript } from '../pages/api-reference/script.ts'

/** A static file of the API reference. */
export interface DocsAsset {
  /** Its name contains a hash of the content, so that browsers may keep it forever. */
  fileName: string
  type: string
  /** The content with this content coding (RFC 9110 §8.4.1). */
  encode: (coding: ContentCoding) => Promise<Buffer>
}

export interface DocsAssets {
  stylesheet: DocsAsset
  swaggerUi: DocsAsset
  script: DocsAsset
}

export type ContentCoding = 'br' | 'gzip' | 'identity'

const swaggerUiFolder = () => dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

/** Reads and hashes the files. The content is not kept: each coding is read again, once, when it is first requested. */
export async function loadDocsAssets(): Promise<DocsAssets> {
  const folder = swaggerUiFolder()
  const [stylesheet, swaggerUi, script] = await Promise.all([
    createAsset('swagger-ui', 'css', () => readFile(join(folder, 'swagger-ui.css'))),
    createAsset('swagger-ui-bundle', 'js', () => readFile(join(folder, 'swagger-ui-bundle.js'))),
    createAsset('api-reference', 'js', async () => Buffer.from(apiReferenceScript)),
  ])
  return { stylesheet, swaggerUi, script }
}

const contentTypes = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const

async function createAsset(
  name: string,
  extension: keyof typeof contentTypes,
  read: () => Promise<Buffer>,
): Promise<DocsAsset> {
  const hash = sha256(await read())
    .toString('base64url')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 16)
  const compressed = new Map<ContentCoding, Promise<Buffer>>()
  return {
    fileName: `${name}.${hash}.${extension}`,
    type: contentTypes[extension],
    encode(coding) {
      if (coding === 'identity') return read()
      const content = compressed.get(coding) ?? read().then(compressors[coding])
      compressed.set(coding, content)
      // A failed read is tried again by the next request.
      content.catch(() => compressed.delete(coding))
      return content
    },
  }
}

const brotli = promisify(brotliCompress)
const compressors = {
  // Level 5 is 12 % larger than level 11, and 60 times faster.
  br: (content: Buffer) => brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify(gzip) as (content: Buffer) => Promise<Buffer>,
} as const

/** The content coding for an `Accept-Encoding` header (RFC 9110 §12.5.3). A coding with the weight 0 is not accepted. */
export function chooseContentCoding(acceptEncoding: string | undefined): ContentCoding {
  const entries = (acceptEncoding ?? '')
    .toLowerCase()
    .split(',', 16)
    .map((entry) => entry.split(';').map((part) => part.trim()))
  const accepts = (coding: ContentCoding) =>
    entries.some(([name, weight = '']) => name === coding && !/^q=0(?:\.0*)?$/.test(weight))
  return (['br', 'gzip'] as const).find(accepts) ?? 'identity'
}
