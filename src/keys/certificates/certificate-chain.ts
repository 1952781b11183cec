import type * as x509 from '@peculiar/x509'
import { isIssuedBy, isWithinValidity, loadX509, type Certificate } from './certificate.ts'

/** More are not needed in practice, and each costs a signature verification. */
const MAX_INTERMEDIATES = 8

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0'
/** Critical extensions that are evaluated here, or that have no effect on the path (RFC 5280 §4.2). */
const SUPPORTED_CRITICAL_EXTENSIONS = new Set([
  '2.5.29.14', // subject key identifier
  '2.5.29.15', // key usage
  '2.5.29.17', // subject alternative name
  '2.5.29.19', // basic constraints
  '2.5.29.32', // certificate policies
  '2.5.29.35', // authority key identifier
  '2.5.29.37', // extended key usage
])

/**
 * Whether a certification path leads from a client certificate to one of `authorities` (RFC 5280 §6). The path goes through
 * the `intermediates` that the client presented, which are not trusted by themselves. Revocation is not checked.
 */
export async function isTrusted(
  certificate: Certificate,
  intermediates: readonly Certificate[],
  authorities: readonly Certificate[],
  now: Date,
): Promise<boolean> {
  if (isIssuedBy(certificate, authorities, now)) return true
  if (intermediates.length === 0 || intermediates.length > MAX_INTERMEDIATES) return false
  if (authorities.length === 0 || !isWithinValidity(certificate, now)) return false
  const library = await loadX509()
  const usable = intermediates.filter((intermediate) => intermediate.ca && isWithinValidity(intermediate, now))
  const trusted = authorities.filter((authority) => isWithinValidity(authority, now))
  try {
    const anchors = trusted.map(({ raw }) => new library.X509Certificate(raw))
    const candidates = usable.map(({ raw }) => new library.X509Certificate(raw))
    const permitted = candidates.filter((candidate) => mayIssueClientCertificates(candidate, library))
    const builder = new library.X509ChainBuilder({ certificates: [...anchors, ...permitted] })
    const path = await builder.build(new library.X509Certificate(certificate.raw))
    const end = path.findIndex((item, index) => index > 0 && anchors.some((anchor) => anchor.equal(item)))
    // The path without the client certificate, up to the trusted authority.
    const issuers = end < 0 ? [] : path.slice(1, end + 1)
    return issuers.length > 0 && issuers.every((issuer, below) => allowsPathLength(issuer, below, library))
  } catch {
    // The library throws for certificates that it cannot parse and for circular paths.
    return false
  }
}

function mayIssueClientCertificates(issuer: x509.X509Certificate, library: typeof x509): boolean {
  const usages = issuer.getExtension(library.KeyUsagesExtension)?.usages
  if (usages !== undefined && (usages & library.KeyUsageFlags.keyCertSign) === 0) return false
  const extendedUsages = issuer.getExtension(library.ExtendedKeyUsageExtension)?.usages
  const isForClients = extendedUsages?.some((usage) => usage === CLIENT_AUTH || usage === ANY_EXTENDED_KEY_USAGE)
  if (isForClients === false) return false
  return issuer.extensions.every(({ critical, type }) => !critical || SUPPORTED_CRITICAL_EXTENSIONS.has(type))
}

/** `below` is the number of intermediates between the issuer and the client certificate (RFC 5280 §4.2.1.9). */
function allowsPathLength(issuer: x509.X509Certificate, below: number, library: typeof x509): boolean {
  const pathLength = issuer.getExtension(library.BasicConstraintsExtension)?.pathLength
  return pathLength === undefined || below <= pathLength
}
