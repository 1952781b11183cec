import { compile } from '@fastify/proxy-addr'
import type { FastifyRequest } from 'fastify'
import type { TLSSocket } from 'node:tls'

/** How a proxy hands on the certificate that a client showed it. */
export const certificateHeaderForms = ['nginx', 'envoy', 'traefik'] as const
export type CertificateHeaderForm = (typeof certificateHeaderForms)[number]

/** The header in which the trusted proxies put the certificate. */
export interface CertificateHeader {
  name: string
  form: CertificateHeaderForm
}

export interface ClientCertificateOptions {
  certificateHeader: CertificateHeader | undefined
  trustedProxies: readonly string[]
}

/**
 * Finds the certificate of the client that makes a request (RFC 8705 §2): of its own connection, or, where that is a
 * trusted proxy's, of the configured header. Nobody else's header is looked at. In PEM or DER; whether it is a
 * certificate at all, and whose, nobody has looked yet.
 */
export function createClientCertificateReader({
  certificateHeader: header,
  trustedProxies,
}: ClientCertificateOptions): (request: FastifyRequest) => Buffer | undefined {
  const isTrustedProxy = compile([...trustedProxies])
  return (request) => {
    const socket = request.raw.socket as Partial<TLSSocket>
    const connectionCertificate = socket.getPeerX509Certificate?.()
    if (connectionCertificate) return connectionCertificate.raw
    if (!header || !isTrustedProxy(request.socket.remoteAddress ?? '', 0)) return undefined
    const value = request.headers[header.name]
    return typeof value === 'string' && value !== '' ? decode(value, header.form) : undefined
  }
}

/** What a header holds, in the form of a proxy: a certificate in PEM or DER; of a chain the first, the client's. */
function decode(value: string, form: CertificateHeaderForm): Buffer | undefined {
  try {
    return decoders[form](value)
  } catch {
    return undefined
  }
}

const decoders: Readonly<Record<CertificateHeaderForm, (value: string) => Buffer>> = {
  // $ssl_client_escaped_cert: PEM, percent-encoded.
  nginx: (value) => Buffer.from(decodeURIComponent(value)),
  // X-Forwarded-Client-Cert: elements by comma, the one of the nearest hop last; pairs by semicolon, Cert in quotes.
  envoy(value) {
    const found = [...value.matchAll(/(?:^|[;,])\s*cert="([^"]*)"/gi)].at(-1)?.[1]
    if (found === undefined) throw new Error('The header names no certificate.')
    return Buffer.from(decodeURIComponent(found))
  },
  // X-Forwarded-Tls-Client-Cert: base64 of DER without its frame, the chain by comma, perhaps percent-encoded.
  traefik: (value) => Buffer.from(decodeURIComponent(value.split(',', 1)[0] ?? ''), 'base64'),
}
