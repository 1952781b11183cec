// One file for each method of client authentication. `index.ts` lists them; registration and discovery offer exactly
// these.

import type { Certificate } from '../../../keys/certificates/certificate.ts'
import type { ClientSecrets } from '../client-secret.ts'
import type { ClientKeys } from '../../../keys/client-keys.ts'
import type { ReplayCache } from '../../../model/replay/replay-cache.ts'
import type { RegisteredClient } from '../../../model/clients/client-cache.ts'
import { OAuthError } from '../../../oauth/errors.ts'
import type { Parameters } from '../../../oauth/parameters.ts'

/** The credentials of a request. */
export type ClientCredentials =
  | { kind: 'credentials'; clientId: string; secret: string | undefined }
  | { kind: 'assertion'; clientId: string; assertion: string }
  | { kind: 'malformed'; description: string }

/** What a method needs to verify credentials. */
export interface VerificationContext {
  now: Date
  issuer: string
  /** The accepted audiences of an assertion. The profile of the client may accept the issuer only. */
  audiences: readonly string[]
  clientKeys: Pick<ClientKeys, 'verify' | 'verifyMac' | 'holdsCertificate'>
  secrets: Pick<ClientSecrets, 'open'>
  /** The certificates that the client presented, its own first, in PEM or DER. It proved only the key of its own. */
  certificates: () => readonly Buffer[]
  /** The certificate authorities that are trusted for client certificates. */
  clientAuthorities: readonly Certificate[]
  replayCache: Pick<ReplayCache, 'consume'>
}

/** Whether the credentials are right, and which secret matched, if one did. */
export type VerificationResult = boolean | { secretId: string }

/** A method of client authentication, named as in the registry of RFC 7591 §2. */
export interface AuthenticationMethod {
  readonly name: string
  /** Whether the credential is the certificate of the connection; the request itself has only `client_id`. */
  readonly byConnection?: true
  /** The credentials of a request for this method; undefined if it has none. */
  readCredentials(authorization: string | undefined, form: Parameters): ClientCredentials | undefined
  /**
   * Verifies the credentials. Methods with a secret take the same time for a client that does not exist. May throw
   * `invalid_client` with a reason that is safe to return to a client that holds the key.
   */
  verify(
    presented: ClientCredentials,
    client: RegisteredClient | undefined,
    proof: VerificationContext,
  ): VerificationResult | Promise<VerificationResult>
}

/** RFC 6749 §5.2. `reason` is for the log. */
export function invalidClient(description: string, reason?: string): OAuthError {
  return new OAuthError('invalid_client', description, {
    status: 401,
    challenge: 'Basic realm="cerberus", charset="UTF-8"',
    ...(reason !== undefined && { reason }),
  })
}
