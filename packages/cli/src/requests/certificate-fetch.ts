import { request as httpsRequest } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Fetch } from 'cerberus-idp-admin-client'

/** A certificate with its chain, and its private key, both in PEM. */
export interface ClientCertificate {
  cert: string
  key: string
}

/** Whether the key is the certificate's, and both can be read. */
export function isCertificateWithKey({ cert, key }: ClientCertificate): boolean {
  try {
    createSecureContext({ cert, key })
    return true
  } catch {
    return false
  }
}

/**
 * A `fetch` that presents a client certificate, which the one of Node cannot. Each request has a connection of its own. The
 * server's certificate is verified as usual; redirects are not followed.
 */
export function fetchWithCertificate(certificate: ClientCertificate): Fetch {
  return (address, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const options = { method, headers, signal, ...certificate, agent: false }
      const request = httpsRequest(address, options, (message) => {
        const chunks: Buffer[] = []
        message.on('data', (chunk: Buffer) => chunks.push(chunk))
        message.once('error', reject)
        message.once('end', () => {
          const received = new Headers()
          for (const [name, value] of Object.entries(message.headers)) received.set(name, String(value))
          const status = message.statusCode ?? 0
          resolve(new Response(chunks.length > 0 ? Buffer.concat(chunks) : null, { status, headers: received }))
        })
      })
      request.once('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error))
      request.end(body)
    })
}
