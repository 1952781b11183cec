// One file for each way in which a client proves who it is. `index.ts` lists them: registration and discovery offer what
// stands there, and nothing else.

import type { Certificate } from '../../../keys/certificates/certificate.ts'
import type { ClientSecrets } from '../client-secret.ts'
import type { ClientKeys } from '../../../keys/client-keys.ts'
import type { ReplayCache } from '../../../model/replay/replay-cache.ts'
import type { RegisteredClient } from '../../../model/clients/client.ts'
import { OAuthError } from '../../../oauth/errors.ts'
import type { Parameters } from '../../../oauth/parameters.ts'

/** What a request offers as proof of its client. */
export type ClientCredentials =
  | { kind: 'credentials'; clientId: string; secret: string | undefined }
  | { kind: 'assertion'; clientId: string; assertion: string }
  | { kind: 'malformed'; description: string }

/** What it takes to judge what is offered. */
export interface VerificationContext {
  now: Date
  issuer: string
  /** Who an assertion may be for: this server, by its names. The profile of the client may allow the issuer alone. */
  audiences: readonly string[]
  clientKeys: Pick<ClientKeys, 'verify' | 'verifyMac' | 'holdsCertificate'>
  secrets: Pick<ClientSecrets, 'open'>
  /** The certificate that the client showed, if any, in PEM or DER. Proven is only that it holds the key. */
  certificate: () => Buffer | undefined
  /** Whose certificates of clients are believed. */
  clientAuthorities: readonly Certificate[]
  replayCache: Pick<ReplayCache, 'consume'>
}

/** Whether a client is proven, and by which secret where it was by one. */
export type VerificationResult = boolean | { secretId: string }

/** A way for a client to authenticate, by its name in the registry of RFC 7591 §2. */
export interface AuthenticationMethod {
  readonly name: string
  /** Whether the proof is of the connection, so that the request itself holds no more than `client_id`. */
  readonly byConnection?: true
  /** What the request offers by this method, or undefined where it offers nothing. */
  readCredentials(authorization: string | undefined, form: Parameters): ClientCredentials | undefined
  /**
   * Whether that proves `client`. Takes the same time for a client that does not exist, where it has a secret to compare.
   * May throw `invalid_client` where it has something to say to a client that holds the key.
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
