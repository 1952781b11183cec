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
  // $ssl_client_escaped_cert: PEM, percent-encoded. A comma joins header lines of different hops: none can be chosen.
  nginx(value) {
    if (value.includes(',')) throw new Error('The header is sent more than once.')
    return splitPem(decodeURIComponent(value))
  },
  // X-Forwarded-Client-Cert: one element per hop. Cert is the client's certificate, and Chain all certificates, both as
  // percent-encoded PEM in quotes.
  envoy(value) {
    const element = nearestElement(value)
    const certificate = element?.get('cert')
    if (element === undefined || certificate === undefined) throw new Error('The nearest hop has no pair Cert.')
    const [own, ...others] = splitPem(decodeURIComponent(certificate))
    if (!own) throw new Error('The pair Cert is empty.')
    const chain = splitPem(decodeURIComponent(element.get('chain') ?? '')).filter((item) => !item.equals(own))
    return [own, ...others, ...chain]
  },
  // X-Forwarded-Tls-Client-Cert: the DER of each certificate in base64, separated by commas, perhaps percent-encoded.
  // Node joins header lines of different hops by a comma and a space.
  traefik(value) {
    if (value.includes(', ')) throw new Error('The header is sent more than once.')
    return decodeURIComponent(value)
      .split(',')
      .map((item) => Buffer.from(item, 'base64'))
  },
}

/** One pair of X-Forwarded-Client-Cert with what follows it: another pair, another element or the end. */
const PAIR = /\s*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|[^",;]*)\s*(;|,|$)/y

/**
 * The quoted pairs of the last element of X-Forwarded-Client-Cert, which the nearest hop added, by their names in lower
 * case. Undefined for a malformed header: an older element must not be taken for the last one.
 */
function nearestElement(value: string): ReadonlyMap<string, string> | undefined {
  let element = new Map<string, string>()
  PAIR.lastIndex = 0
  for (;;) {
    const [pair, name = '', quoted, end] = PAIR.exec(value) ?? []
    if (pair === undefined) return undefined
    const key = name.toLowerCase()
    if ((key === 'cert' || key === 'chain') && element.has(key)) return undefined
    if (quoted !== undefined) element.set(key, quoted)
    if (end === '') return element
    if (end === ',') element = new Map()
  }
}

/** The certificates of a text in PEM. Other text is returned as it is, and fails to parse as a certificate. */
function splitPem(text: string): Buffer[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  return (blocks ?? (text === '' ? [] : [text])).map((block) => Buffer.from(block))
}
