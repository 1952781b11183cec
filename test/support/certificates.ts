// X.509 certificates: an authority, and certificates that it issues or that are self-signed.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { webcrypto } from 'node:crypto'

x509.cryptoProvider.set(webcrypto as unknown as Crypto)
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface TestCertificate {
  /** In PEM. */
  certificate: string
  /** PKCS #8 in PEM. */
  key: string
  /** The certificate as a JWK has it in `x5c`. */
  x5c: string
  jwk: Record<string, unknown>
  own: { certificate: x509.X509Certificate; keys: CryptoKeyPair }
}

type CryptoKeyPair = Awaited<ReturnType<typeof makeKeys>>
const makeKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

export const { KeyUsageFlags } = x509
/** The extended key usage of certificates for TLS servers. */
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

export interface CertificateOptions {
  /** A distinguished name in the order in which it is encoded. */
  subject: string
  names?: x509.JsonGeneralNames
  notBefore?: Date
  notAfter?: Date
  /** Who issues it; itself where it is left out. */
  authority?: TestCertificate
  isAuthority?: boolean
  /** How many intermediates may follow, for an authority. */
  pathLength?: number
  usages?: x509.KeyUsageFlags
  extendedUsages?: string[]
  /** The number of an extension that is critical and has no content. */
  criticalExtension?: string
  keys?: CryptoKeyPair
}

export async function makeCertificate(options: CertificateOptions): Promise<TestCertificate> {
  const { subject, names = [], authority, isAuthority = false, pathLength } = options
  const keys = options.keys ?? (await makeKeys())
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject,
    issuer: authority?.own.certificate.subject ?? subject,
    publicKey: keys.publicKey as x509.PublicKeyType,
    signingKey: (authority?.own.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    notBefore: options.notBefore ?? new Date('2020-01-01T00:00:00Z'),
    notAfter: options.notAfter ?? new Date('2120-01-01T00:00:00Z'),
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, pathLength, true),
      ...(options.usages === undefined ? [] : [new x509.KeyUsagesExtension(options.usages, true)]),
      ...(options.extendedUsages ? [new x509.ExtendedKeyUsageExtension(options.extendedUsages)] : []),
      ...(options.criticalExtension === undefined
        ? []
        : [new x509.Extension(options.criticalExtension, true, new Uint8Array([0x30, 0]))]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const jwk = (await webcrypto.subtle.exportKey('jwk', keys.publicKey)) as Record<string, unknown>
  const { kty, crv, x, y } = jwk
  return {
    certificate: certificate.toString('pem'),
    key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    x5c: Buffer.from(certificate.rawData).toString('base64'),
    jwk: { kty, crv, x, y },
    own: { certificate, keys },
  }
}

export const makeAuthority = (subject = 'CN=Authority of the tests') => makeCertificate({ subject, isAuthority: true })
