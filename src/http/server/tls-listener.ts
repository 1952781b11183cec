import type { FastifyInstance } from 'fastify'
import { constants } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { CONNECTION_LIMITS } from './connection-limits.ts'
import type { MalformedRequestOptions } from './malformed-request.ts'
import { attachToApp, startListening, type Listener } from './secondary-listener.ts'

export interface TlsListenerOptions extends MalformedRequestOptions {
  /** PEM files: the certificate with its chain, and its private key. */
  certificateFile: string
  keyFile: string
  /** Whether clients are asked for a certificate. Clients without one are served as well. */
  requestsClientCertificate: boolean
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

const CERTIFICATE_CHECK_INTERVAL_MS = 60_000
const HANDSHAKE_TIMEOUT_MS = 10_000

/**
 * A listener that serves the routes of `app` over TLS. It closes with `app`, and reads changed files within a minute.
 * `listen` also rejects when the files cannot be read.
 */
export function createTlsListener(app: FastifyInstance, options: TlsListenerOptions): Listener {
  const { certificateFile, keyFile, requestsClientCertificate } = options
  const files = [certificateFile, keyFile]
  // A resumed TLS session has the client's certificate, but not the intermediates that the client presented with it.
  const secureOptions = requestsClientCertificate ? constants.SSL_OP_NO_TICKET : 0
  const server = createServer({
    ...CONNECTION_LIMITS,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    honorCipherOrder: true,
    requestCert: requestsClientCertificate,
    // A self-signed certificate may be one that the client registered (RFC 8705 §2.2).
    rejectUnauthorized: false,
  })
  attachToApp(app, server, options)

  async function readFiles(): Promise<void> {
    const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
    server.setSecureContext({ cert, key, minVersion: 'TLSv1.2', ciphers: CIPHERS, secureOptions })
  }
  const reloadCertificate = () =>
    void readFiles().catch((error: unknown) => app.log.warn({ err: error }, 'failed to reload TLS certificate'))

  app.addHook('preClose', (done) => {
    for (const file of files) unwatchFile(file, reloadCertificate)
    done()
  })
  return {
    async listen(address) {
      await readFiles()
      for (const file of files)
        watchFile(file, { interval: CERTIFICATE_CHECK_INTERVAL_MS, persistent: false }, reloadCertificate)
      await startListening(server, address)
    },
  }
}
