import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { invalidClient } from '../clients/authentication/methods/method.ts'
import { prefersMediaType } from '../http/request/content-negotiation.ts'
import { tokenCredentials, type TokenCredentials } from '../http/request/authorization-header.ts'
import { handlePreflight, restrictCorsOrigin } from '../http/security/cors.ts'
import { readForm } from '../http/request/forms.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { ClientCache, RegisteredClient } from '../model/clients/client-cache.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import type { SubjectDetails } from '../model/grants/grant.ts'
import type { RefreshTokenFamilyRepository } from '../model/grants/refresh-token-family.ts'
import { introspectionRequest } from '../oauth/messages/introspection-request.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { revocationRequest } from '../oauth/messages/revocation-request.ts'
import { userinfoRequest } from '../oauth/messages/userinfo-request.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { requireActiveToken, type ActiveAccessToken } from './access-token.ts'
import { bearerError } from './bearer-error.ts'
import { encryptForClient } from './encrypt-for-client.ts'
import {
  INTROSPECTION_JWT_MEDIA_TYPE,
  encodeIntrospectionJwt,
  type IntrospectionJwtOptions,
} from './introspection/introspection-jwt.ts'
import { introspect, type IntrospectOptions } from './introspection/introspect.ts'
import { revokeToken, type RevokeOptions } from './revoke.ts'
import type { SenderConstraints } from './sender-constraint/sender-constraint.http.ts'
import { userinfo } from './userinfo.ts'
import { isUuid } from '../lib/text/uuid.ts'

export interface TokenRoutesOptions
  extends Omit<IntrospectOptions, 'refreshTokenFamilies' | 'findIntrospectedToken' | 'findApiKeyToken'>, RevokeOptions {
  refreshTokenFamilies: Pick<RefreshTokenFamilyRepository, 'inspect' | 'revoke'>
  clients: Pick<ClientCache, 'find'>
  clientKeys: Pick<ClientKeys, 'encrypt'>
  /** Authenticates the client of a request; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  senderConstraints: Pick<SenderConstraints, 'verify'>
  findActiveTokenForUserinfo: (token: string) => Promise<ActiveAccessToken<SubjectDetails> | undefined>
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'userinfo+jwt') => Promise<string>
}

/** The userinfo endpoint and the revocation endpoint. */
export function tokenRoutes(scope: FastifyInstance, options: TokenRoutesOptions): void {
  const { issuer, clients, authenticate, findActiveTokenForUserinfo } = options

  async function sendUserinfo(request: FastifyRequest, reply: FastifyReply, credentials: TokenCredentials | undefined) {
    const interactionId = request.headers['x-fapi-interaction-id']
    // FAPI 1.0 Baseline §6.2.1: identifies the exchange in the logs of both sides.
    if (typeof interactionId === 'string' && isUuid(interactionId)) reply.header('x-fapi-interaction-id', interactionId)
    if (!credentials) {
      throw bearerError(
        'invalid_token',
        'The userinfo endpoint requires an access token in the Authorization header.',
        { omitError: true },
      )
    }
    const activeToken = requireActiveToken(await findActiveTokenForUserinfo(credentials.token))
    const client = await clients.find(activeToken.token.clientId)
    restrictCorsOrigin(request, reply, client?.allowedOrigins ?? [])
    await options.senderConstraints.verify(request, credentials, activeToken.token, client)
    const claims = userinfo(activeToken, client, options)
    const alg = client?.userinfoSignedResponseAlg ?? null
    const encryption = {
      alg: client?.userinfoEncryptedResponseAlg ?? null,
      enc: client?.userinfoEncryptedResponseEnc ?? null,
    }
    if (!client || (alg === null && encryption.alg === null)) return claims
    // OpenID Connect Core §5.3.2: a signed or encrypted response contains iss and aud.
    const jwtClaims = { ...claims, iss: issuer, aud: client.clientId }
    const signed = alg === null ? JSON.stringify(jwtClaims) : await options.sign(jwtClaims, alg, 'userinfo+jwt')
    const encodedClaims = await encryptForClient(client, signed, encryption, options.clientKeys)
    return reply.header('content-type', 'application/jwt').send(encodedClaims)
  }

  // OpenID Connect Core §5.3.1: GET or POST. The token is in the header or the form (RFC 6750 §2.2), never in the query.
  scope.get('/oauth2/userinfo', (request, reply) => sendUserinfo(request, reply, tokenCredentials(request)))
  scope.post('/oauth2/userinfo', (request, reply) => {
    const headerCredentials = tokenCredentials(request)
    const hasBody = request.headers['content-type'] !== undefined
    const bodyToken = hasBody ? parseMessage(userinfoRequest, readForm(request)).access_token : undefined
    if (headerCredentials !== undefined && bodyToken !== undefined) {
      throw bearerError(
        'invalid_request',
        'The access token is sent both in the header and in the body: send it only once.',
      )
    }
    return sendUserinfo(
      request,
      reply,
      headerCredentials ?? (bodyToken === undefined ? undefined : { scheme: 'Bearer', token: bodyToken }),
    )
  })

  scope.post('/oauth2/revoke', async (request, reply) => {
    const form = readForm(request)
    const client = await authenticate(request, form)
    restrictCorsOrigin(request, reply, client.allowedOrigins)
    const { token } = parseMessage(revocationRequest, form)
    await revokeToken(token, client, requestMetadata(request), options)
    return {}
  })

  for (const url of ['/oauth2/userinfo', '/oauth2/revoke']) handlePreflight(scope, url)
  rejectOtherMethods(scope, '/oauth2/userinfo', ['GET', 'POST'])
  rejectOtherMethods(scope, '/oauth2/revoke', ['POST'])
}

/** The introspection endpoint. It is for resource servers, not for scripts in browsers, so it has no CORS headers. */
export function introspectionRoutes(
  scope: FastifyInstance,
  options: IntrospectOptions & IntrospectionJwtOptions & Pick<TokenRoutesOptions, 'authenticate'>,
): void {
  scope.post('/oauth2/introspect', async (request, reply) => {
    const form = readForm(request)
    const caller = await options.authenticate(request, form)
    if (caller.clientType === 'public') {
      throw invalidClient('The introspection endpoint requires a confidential client.')
    }
    const { token } = parseMessage(introspectionRequest, form)
    const introspection = await introspect(token, caller, options)
    if (!prefersMediaType(INTROSPECTION_JWT_MEDIA_TYPE, request.headers.accept)) return introspection
    return reply
      .header('content-type', INTROSPECTION_JWT_MEDIA_TYPE)
      .send(await encodeIntrospectionJwt(introspection, caller, options))
  })
  rejectOtherMethods(scope, '/oauth2/introspect', ['POST'])
}
