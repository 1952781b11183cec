import type { FastifyInstance } from 'fastify'
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { MAX_CONNECTIONS } from './server.ts'
import { rejectMalformedRequest, type MalformedRequestOptions } from './malformed-request.ts'

export interface TlsListenerOptions extends MalformedRequestOptions {
  /** PEM files: the certificate with its chain, and its private key. */
  certificateFile: string
  keyFile: string
  /** Whether clients are asked for a certificate. Who has none is served as well. */
  requestsClientCertificate: boolean
}

export interface TlsListener {
  listen(address: { host: string; port: number; backlog?: number }): Promise<void>
}

/** Only forward secrecy and authenticated encryption, under TLS 1.2 as under 1.3 (RFC 9325 §4.2). */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** Milliseconds between two looks at the files, and between two at idle connections while closing. */
const CERTIFICATE_CHECK_INTERVAL_MS = 60_000
const IDLE_CONNECTION_CHECK_MS = 100

/**
 * A listener that serves the routes of `app` over TLS as well. It ends with `app`; new files are read within a minute.
 * `listen` is for when `app` is ready, and rejects where the files or the port cannot be had.
 */
export function createTlsListener(app: FastifyInstance, options: TlsListenerOptions): TlsListener {
  const { certificateFile, keyFile, requestsClientCertificate, issuer, https } = options
  const files = [certificateFile, keyFile]
  const server = createServer(
    {
      honorCipherOrder: true,
      requestCert: requestsClientCertificate,
      // A certificate of no authority may be one that the client registered (RFC 8705 §2.2).
      rejectUnauthorized: false,
      requestTimeout: 20_000,
      headersTimeout: 15_000,
      maxHeaderSize: 16_384,
      keepAliveTimeout: 72_000,
      handshakeTimeout: 10_000,
    },
    // As if it had come to the plain listener: what turns requests away stands there.
    (request, response) => void app.server.emit('request', request, response),
  )
  server.timeout = 60_000
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', (error, socket) => rejectMalformedRequest(error, socket as Socket, { issuer, https }))

  async function readFiles(): Promise<void> {
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
    server.setSecureContext({ cert, key, minVersion: 'TLSv1.2', ciphers: CIPHERS })
  }
  const reloadCertificate = () =>
    void readFiles().catch((error: unknown) => app.log.warn({ err: error }, 'the new certificate cannot be used'))

  let closed: Promise<void> = Promise.resolve()
  app.addHook('preClose', (done) => {
    for (const file of files) unwatchFile(file, reloadCertificate)
    if (server.listening) closed = closeGracefully(server)
    done()
  })
  app.addHook('onClose', () => closed)
  return {
    async listen(address) {
      await readFiles()
      for (const file of files)
        watchFile(file, { interval: CERTIFICATE_CHECK_INTERVAL_MS, persistent: false }, reloadCertificate)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(address, resolve)
      })
    },
  }
}

/** Lets requests under way finish and closes connections as they become idle. */
async function closeGracefully(server: Server): Promise<void> {
  const idleCheck = setInterval(() => server.closeIdleConnections(), IDLE_CONNECTION_CHECK_MS)
  await new Promise((resolve) => server.close(resolve))
  clearInterval(idleCheck)
}
