import type { FastifyInstance } from 'fastify'
import { constants as tlsConstants } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { Server as TlsServer } from 'node:https'
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

/** Limits of an HTTP/2 connection (RFC 9113 §6.5.2, §10.5). Its streams share the memory of one connection. */
const MAX_CONCURRENT_STREAMS = 100
const MAX_SESSION_MEMORY_MB = 4
const IDLE_SESSION_TIMEOUT_MS = 60_000
/** A stream whose response makes no progress for this long is closed, like an HTTP/1.1 connection. */
const STREAM_STALL_TIMEOUT_MS = 15_000

/**
 * A listener that serves the routes of `app` over TLS, by HTTP/2 where the client offers it (RFC 9113 §3.2). It closes with `app`, and reads changed files within a minute.
 * `listen` also rejects when the files cannot be read.
 */
export function createTlsListener(app: FastifyInstance, options: TlsListenerOptions): Listener {
  const { certificateFile, keyFile, requestsClientCertificate } = options
  const files = [certificateFile, keyFile]
  // A resumed TLS session has the client's certificate, but not the intermediates that the client presented with it.
  const secureOptions = requestsClientCertificate ? tlsConstants.SSL_OP_NO_TICKET : 0
  const server = createSecureServer({
    allowHTTP1: true,
    settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS, maxHeaderListSize: CONNECTION_LIMITS.maxHeaderSize },
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    honorCipherOrder: true,
    requestCert: requestsClientCertificate,
    // A self-signed certificate may be one that the client registered (RFC 8705 §2.2).
    rejectUnauthorized: false,
  })
  // For connections by HTTP/1.1, whose limits this constructor does not accept.
  Object.assign(server, CONNECTION_LIMITS)
  limitSessions(app, server)
  attachToApp(app, server as unknown as TlsServer, options)

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

/** Sets the limits of HTTP/2 sessions, and closes them with `app` when their streams have ended. */
function limitSessions(app: FastifyInstance, server: Http2SecureServer): void {
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    session.setTimeout(IDLE_SESSION_TIMEOUT_MS, () => session.destroy())
    session.on('stream', (stream) => {
      const isReceived = () => stream.endAfterHeaders || stream.readableEnded
      const cancelUnlessReceived = () => isReceived() || stream.close(constants.NGHTTP2_CANCEL)
      const timer = setTimeout(cancelUnlessReceived, CONNECTION_LIMITS.requestTimeout).unref()
      stream.once('close', () => clearTimeout(timer))
      stream.setTimeout(STREAM_STALL_TIMEOUT_MS, () => {
        if (stream.writableEnded) stream.close(constants.NGHTTP2_CANCEL)
      })
    })
  })
  app.addHook('preClose', (done) => {
    for (const session of sessions) session.close()
    done()
  })
}
