import { thumbprintOf } from '../keys/certificate.ts'
import type { RegisteredClient } from '../model/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import { anyBearer, type Sender } from '../oauth/sender.ts'
import type { AccessToken } from './access-token.ts'
import { bearerError } from './userinfo.ts'

/** What a request shows of who sends it. */
export interface SenderRequest {
  /** The certificate of its connection, if any, in PEM or DER; read when it is needed. */
  certificate: () => Buffer | undefined
}

/** Who alone may use what is issued to this client. Throws `invalid_request` where it shows nothing to bind it to. */
export function proveSender(request: SenderRequest, client: RegisteredClient): Sender {
  if (!client.tlsClientCertificateBoundAccessTokens) return anyBearer
  const certificate = certificateOf(request)
  if (certificate !== undefined) return { certificate }
  throw new OAuthError(
    'invalid_request',
    'Access tokens of this client are bound to its certificate: show it at the token endpoint of mtls_endpoint_aliases.',
  )
}

/** Throws `invalid_token` where the request is not from whom the token is for (RFC 8705 §3). */
export function confirmSender(request: SenderRequest, { sender }: Pick<AccessToken, 'sender'>): void {
  if (sender.certificate !== undefined && sender.certificate !== certificateOf(request)) {
    throw bearerError('invalid_token', 'The access token is bound to a certificate that was not shown.')
  }
}

function certificateOf({ certificate }: SenderRequest): string | undefined {
  const shown = certificate()
  return shown && thumbprintOf(shown)
}
