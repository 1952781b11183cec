import { request as requestOverTls } from 'node:https'
import { createSecureContext } from 'node:tls'

/** A certificate with its chain, and its private key, both in PEM. */
export interface ClientCertificate {
  cert: string
  key: string
}

export function isCertificate({ cert, key }: ClientCertificate): boolean {
  try {
    createSecureContext({ cert, key })
    return true
  } catch {
    return false
  }
}

interface RequestByCertificate {
  method: string
  headers: Readonly<Record<string, string>>
  body?: string
  signal: AbortSignal
}

/**
 * Makes one request over a connection of its own that shows a certificate, which `fetch` cannot. The server is verified as
 * fetch does it; redirects are not followed.
 */
export async function requestByCertificate(
  address: string,
  { body, ...options }: RequestByCertificate,
  certificate: ClientCertificate,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = requestOverTls(address, { ...options, ...certificate, agent: false }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.once('error', reject)
      message.once('end', () => {
        const headers = new Headers()
        for (const [name, value] of Object.entries(message.headers)) headers.set(name, String(value))
        const status = message.statusCode ?? 0
        resolve(new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, { status, headers }))
      })
    })
    request.once('error', (error) => reject(options.signal.aborted ? (options.signal.reason as Error) : error))
    request.end(body)
  })
}
