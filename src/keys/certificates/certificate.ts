// `keys/certificates` owns X.509 certificates of clients: thumbprint, subject, names, validity and certification path.
// It is used for mutual TLS (RFC 8705).
// Which certificate a client must present is one of its settings.

import type * as x509 from '@peculiar/x509'
import { X509Certificate } from 'node:crypto'
import { sha256 } from '../../lib/crypto/hash.ts'
import { matchesDistinguishedName } from './distinguished-name.ts'

/** A certificate of X.509. */
export type Certificate = X509Certificate

/** Parses a certificate in PEM or DER; undefined if it is invalid (RFC 8705 §7.5). */
export function readCertificate(bytes: Buffer): Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}

/** The `x5t#S256` of a certificate in PEM or DER (RFC 8705 §3.1); undefined if it is invalid. */
export function computeCertificateThumbprint(bytes: Buffer): string | undefined {
  const certificate = readCertificate(bytes)
  return certificate && sha256(certificate.raw).toString('base64url')
}

/** Parses all certificates of a PEM text. Throws if one of them is invalid. */
export function readCertificates(pem: string): Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}

/** The subject that identifies a client in its certificate: exactly one of these (RFC 8705 §2.1.2). */
export interface CertificateSubject {
  kind: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'
  value: string
}

/**
 * Whether the certificate has this subject. Names are compared as a whole: a wildcard in a certificate never matches,
 * and the common name is never used in place of an alternative name.
 */
export async function matchesSubject(certificate: Certificate, { kind, value }: CertificateSubject): Promise<boolean> {
  switch (kind) {
    case 'subject_dn':
      return matchesDistinguishedName(value, certificate.subject)
    case 'san_dns':
      return certificate.checkHost(value, { subject: 'never', wildcards: false }) !== undefined
    case 'san_email':
      return certificate.checkEmail(value, { subject: 'never' }) !== undefined
    case 'san_ip':
      return certificate.checkIP(value) !== undefined
    case 'san_uri':
      return (await alternativeUris(certificate)).includes(value)
  }
}

/** The URIs in the subject alternative name. The library decodes them, because node:crypto only prints them as text. */
async function alternativeUris({ raw }: Certificate): Promise<string[]> {
  const library = await loadX509()
  const names = new library.X509Certificate(raw).getExtension(library.SubjectAlternativeNameExtension)?.names.items
  return (names ?? []).filter(({ type }) => type === 'url').map(({ value }) => value)
}

/**
 * Loads the X.509 library on first use. It takes about 15 MiB, and only chains with intermediates and registered URIs need
 * it. It requires the polyfill.
 */
export function loadX509(): Promise<typeof x509> {
  library ??= import('reflect-metadata').then(() => import('@peculiar/x509'))
  return library
}
let library: Promise<typeof x509> | undefined

/** Whether one of `authorities` issued the certificate directly, and both are valid at `now`. */
export function isIssuedBy(certificate: Certificate, authorities: readonly Certificate[], now: Date): boolean {
  if (!isWithinValidity(certificate, now)) return false
  return authorities.some(
    (authority) =>
      isWithinValidity(authority, now) && certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  )
}

/** Whether `now` lies within the dates of a certificate. */
export function isWithinValidity(certificate: Certificate, now: Date): boolean {
  return new Date(certificate.validFrom) <= now && now < new Date(certificate.validTo)
}
