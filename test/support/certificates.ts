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

export interface CertificateOptions {
  /** A distinguished name in the order in which it is encoded. */
  subject: string
  names?: x509.JsonGeneralNames
  notBefore?: Date
  notAfter?: Date
  /** Who issues it; itself where it is left out. */
  authority?: TestCertificate
  isAuthority?: boolean
  keys?: CryptoKeyPair
}

export async function makeCertificate(options: CertificateOptions): Promise<TestCertificate> {
  const { subject, names = [], authority, isAuthority = false } = options
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
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
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
