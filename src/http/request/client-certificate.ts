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

/** Bounds the certificates that are read from a connection. */
const MAX_CHAIN_LENGTH = 10

/**
 * Reads the certificates that the client of a request presented, its own first (RFC 8705 §2). They are those of the TLS
 * connection, or those of the configured header if the connection is of a trusted proxy. In PEM or DER, not yet parsed;
 * empty if there are none.
 */
export function createClientCertificateReader({
  certificateHeader: header,
  trustedProxies,
}: ClientCertificateOptions): (request: FastifyRequest) => readonly Buffer[] {
  const isTrustedProxy = compile([...trustedProxies])
  return (request) => {
    const chain = readConnectionChain(request.raw.socket as Partial<TLSSocket>)
    if (chain.length > 0) return chain
    if (!header || !isTrustedProxy(request.socket.remoteAddress ?? '', 0)) return []
    const value = request.headers[header.name]
    return typeof value === 'string' && value !== '' ? decode(value, header.form) : []
  }
}

function readConnectionChain(socket: Partial<TLSSocket>): Buffer[] {
  const chain: Buffer[] = []
  let certificate = socket.getPeerX509Certificate?.()
  while (certificate && chain.length < MAX_CHAIN_LENGTH) {
    chain.push(certificate.raw)
    certificate = certificate.issuerCertificate
  }
  return chain
}

/** The certificates in a header, in the form of a proxy. Empty if the header is malformed. */
function decode(value: string, form: CertificateHeaderForm): Buffer[] {
  try {
    return decoders[form](value)
  } catch {
    return []
  }
}

const decoders: Readonly<Record<CertificateHeaderForm, (value: string) => Buffer[]>> = {
  // $ssl_client_escaped_cert: PEM, percent-encoded.
  nginx: (value) => splitPem(decodeURIComponent(value)),
  // X-Forwarded-Client-Cert: elements separated by commas, the nearest hop last; pairs separated by semicolons. Cert is
  // the client's certificate, and Chain all certificates, both as percent-encoded PEM in quotes.
  envoy(value) {
    const element = value.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g)?.at(-1) ?? ''
    const pair = (name: string) => new RegExp(`(?:^|;)\\s*${name}="([^"]*)"`, 'i').exec(element)?.[1]
    const certificate = pair('cert')
    if (certificate === undefined) throw new Error('The header has no pair Cert.')
    const [own, ...others] = splitPem(decodeURIComponent(certificate))
    if (!own) throw new Error('The pair Cert is empty.')
    const chain = splitPem(decodeURIComponent(pair('chain') ?? '')).filter((item) => !item.equals(own))
    return [own, ...others, ...chain]
  },
  // X-Forwarded-Tls-Client-Cert: the DER of each certificate in base64, separated by commas, perhaps percent-encoded.
  traefik: (value) =>
    decodeURIComponent(value)
      .split(',')
      .map((item) => Buffer.from(item, 'base64')),
}

/** The certificates of a text in PEM. Other text is returned as it is, and fails to parse as a certificate. */
function splitPem(text: string): Buffer[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  return (blocks ?? (text === '' ? [] : [text])).map((block) => Buffer.from(block))
}
