import { allowsAuthMethod } from '../../../model/clients/authentication-methods.ts'
import type { RegisteredClient } from '../../../model/clients/client-cache.ts'
import { isTrusted } from '../../../keys/certificates/certificate-chain.ts'
import {
  matchesSubject,
  isWithinValidity,
  readCertificate,
  type Certificate,
  type CertificateSubject,
} from '../../../keys/certificates/certificate.ts'
import type { AuthenticationMethod } from './method.ts'

/**
 * The certificate of the connection is issued by an authority that the operator trusts, and its subject is the one that the
 * client registered (RFC 8705 §2.1).
 */
export const tlsClientAuth: AuthenticationMethod = {
  name: 'tls_client_auth',
  byConnection: true,
  readCredentials: () => undefined,
  async verify(_presented, client, { certificates, clientAuthorities, now }) {
    if (!client || !allowsAuthMethod(client, this.name)) return false
    const [certificate, ...intermediates] = parseCertificates(certificates())
    const subject = registeredSubject(client)
    if (certificate === undefined || subject === undefined) return false
    return (await isTrusted(certificate, intermediates, clientAuthorities, now)) && matchesSubject(certificate, subject)
  },
}

/** The certificate of the connection has a key that the client published; its issuer does not matter (RFC 8705 §2.2). */
export const selfSignedTlsClientAuth: AuthenticationMethod = {
  name: 'self_signed_tls_client_auth',
  byConnection: true,
  readCredentials: () => undefined,
  async verify(_presented, client, { certificates, clientKeys, now }) {
    if (!client || !allowsAuthMethod(client, this.name)) return false
    const [certificate] = parseCertificates(certificates().slice(0, 1))
    if (certificate === undefined || !isWithinValidity(certificate, now)) return false
    return clientKeys.holdsCertificate(certificate, client)
  },
}

/** The client's certificate first. Empty if one of them is not a certificate. */
function parseCertificates(chain: readonly Buffer[]): Certificate[] {
  const certificates = chain.map(readCertificate).filter((certificate) => certificate !== undefined)
  return certificates.length === chain.length ? certificates : []
}

function registeredSubject(client: RegisteredClient): CertificateSubject | undefined {
  const subjects: [CertificateSubject['kind'], string | null][] = [
    ['subject_dn', client.tlsClientAuthSubjectDn],
    ['san_dns', client.tlsClientAuthSanDns],
    ['san_uri', client.tlsClientAuthSanUri],
    ['san_ip', client.tlsClientAuthSanIp],
    ['san_email', client.tlsClientAuthSanEmail],
  ]
  const [subject, ...others] = subjects.flatMap(([kind, value]) => (value === null ? [] : [{ kind, value }]))
  return others.length === 0 ? subject : undefined
}
