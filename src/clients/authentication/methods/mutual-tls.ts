import { allowsAuthMethod, type RegisteredClient } from '../../../model/clients/client.ts'
import {
  isIssuedBy,
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
  verify(_presented, client, { certificate, clientAuthorities, now }) {
    if (!client || !allowsAuthMethod(client, this.name)) return false
    const shown = parseCertificate(certificate())
    const subject = registeredSubject(client)
    return shown !== undefined && subject !== undefined && isIssuedBy(shown, clientAuthorities, now)
      ? matchesSubject(shown, subject)
      : false
  },
}

/** The certificate of the connection has a key that the client published; its issuer does not matter (RFC 8705 §2.2). */
export const selfSignedTlsClientAuth: AuthenticationMethod = {
  name: 'self_signed_tls_client_auth',
  byConnection: true,
  readCredentials: () => undefined,
  async verify(_presented, client, { certificate, clientKeys, now }) {
    if (!client || !allowsAuthMethod(client, this.name)) return false
    const shown = parseCertificate(certificate())
    return shown !== undefined && isWithinValidity(shown, now) && (await clientKeys.holdsCertificate(shown, client))
  },
}

function parseCertificate(bytes: Buffer | undefined): Certificate | undefined {
  return bytes && readCertificate(bytes)
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
