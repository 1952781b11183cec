import type { IncomingMessage } from 'node:http'
import { createDecoder } from './content-coding.ts'
import { SafeFetchError } from './safe-fetch-error.ts'

export interface BodyLimit {
  maxBytes: number
  /** Whether a longer body is cut, and its connection closed, instead of being rejected. */
  cuts: boolean
}

/**
 * Reads a response and decodes it (RFC 9110 §8.4). The limit holds before and after decoding, because a small response may
 * decode to a large one.
 */
export function readBody(response: IncomingMessage, { maxBytes, cuts }: BodyLimit): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const decoder = createDecoder(response.headers['content-encoding'])
    const fail = (error: Error) => {
      response.destroy()
      decoder?.destroy()
      reject(error)
    }
    const chunks: Buffer[] = []
    const tooLarge = () => {
      if (cuts) resolve(Buffer.concat(chunks).subarray(0, maxBytes))
      fail(new SafeFetchError(`The response has more than ${maxBytes} bytes.`))
    }
    let received = 0
    let decoded = 0
    response.on('error', fail)
    if (decoder) {
      response.on('data', (chunk: Buffer) => {
        received += chunk.length
        if (received > maxBytes) tooLarge()
      })
      decoder.on('error', fail)
      response.pipe(decoder)
    }
    const source = decoder ?? response
    source.on('data', (chunk: Buffer) => {
      decoded += chunk.length
      if (decoded <= maxBytes || cuts) chunks.push(chunk)
      if (decoded > maxBytes) tooLarge()
    })
    source.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

export function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
