import { compile } from '@fastify/proxy-addr'
import type { FastifyRequest } from 'fastify'
import type { TLSSocket } from 'node:tls'

/** The format in which a proxy forwards a client certificate. */
export const certificateHeaderForms = ['nginx', 'envoy', 'traefik'] as const
export type CertificateHeaderForm = (typeof certificateHeaderForms)[number]

/** The header in which trusted proxies forward the certificate. */
export interface CertificateHeader {
  name: string
  form: CertificateHeaderForm
}

export interface ClientCertificateOptions {
  certificateHeader: CertificateHeader | undefined
  trustedProxies: readonly string[]
}

/**
 * Returns a function that reads the client certificate of a request (RFC 8705 §2): from the TLS connection, or from the
 * configured header when the connection is from a trusted proxy. The result is PEM or DER and not validated.
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

/** Decodes the header of a proxy into PEM or DER. Of a chain it takes the first certificate, the client's. */
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
  // X-Forwarded-Client-Cert: elements separated by commas, the nearest hop last; pairs by semicolons, Cert in quotes.
  envoy(value) {
    const found = [...value.matchAll(/(?:^|[;,])\s*cert="([^"]*)"/gi)].at(-1)?.[1]
    if (found === undefined) throw new Error('The header contains no certificate.')
    return Buffer.from(decodeURIComponent(found))
  },
  // X-Forwarded-Tls-Client-Cert: base64 of DER without PEM lines, the chain separated by commas, possibly percent-encoded.
  traefik: (value) => Buffer.from(decodeURIComponent(value.split(',', 1)[0] ?? ''), 'base64'),
}
