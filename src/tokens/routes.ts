import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuseClient } from '../clients/methods/method.ts'
import { asksFor } from '../http/accept.ts'
import { tokenCredentials, type TokenCredentials } from '../http/bearer.ts'
import { answerPreflight, restrictOrigin } from '../http/cors.ts'
import { readForm } from '../http/forms.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { ClientDirectory, RegisteredClient, SigningAlgorithm } from '../model/client.ts'
import type { SubjectDetails } from '../model/grant.ts'
import type { RefreshFamilyRepository } from '../model/refresh-family.ts'
import { refuseRepeated, required, type Parameters } from '../oauth/params.ts'
import type { LiveAccessToken } from './access-token.ts'
import { encryptFor } from './encrypt.ts'
import { INTROSPECTION_JWT, introspectionJwt, type IntrospectionJwtOptions } from './introspection-jwt.ts'
import { introspect, type IntrospectOptions } from './introspect.ts'
import { revokeToken, type RevokeOptions } from './revoke.ts'
import type { RequestSenders } from './sender-routes.ts'
import { bearerError, requireLive, userinfo } from './userinfo.ts'

export interface TokenRoutesOptions extends Omit<IntrospectOptions, 'refreshFamilies'>, RevokeOptions {
  refreshFamilies: Pick<RefreshFamilyRepository, 'inspect' | 'revoke'>
  clients: Pick<ClientDirectory, 'find'>
  clientKeys: Pick<ClientKeys, 'encrypt'>
  /** The client that a request comes from; throws `invalid_client`. */
  authenticate: (request: FastifyRequest, form: Parameters) => Promise<RegisteredClient>
  senders: Pick<RequestSenders, 'confirm'>
  findForUserinfo: (token: string) => Promise<LiveAccessToken<SubjectDetails> | undefined>
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'userinfo+jwt') => Promise<string>
}

/** Userinfo and revocation. */
export function tokenRoutes(scope: FastifyInstance, options: TokenRoutesOptions): void {
  const { issuer, clients, authenticate, findForUserinfo } = options

  async function answerUserinfo(
    request: FastifyRequest,
    reply: FastifyReply,
    credentials: TokenCredentials | undefined,
  ) {
    if (!credentials) {
      throw bearerError('invalid_token', 'Userinfo needs an access token as a bearer token.', { silent: true })
    }
    const live = requireLive(await findForUserinfo(credentials.token))
    const client = await clients.find(live.token.clientId)
    restrictOrigin(request, reply, client?.allowedOrigins ?? [])
    await options.senders.confirm(request, credentials, live.token, client)
    const claims = userinfo(live, client, options)
    const alg = client?.userinfoSignedResponseAlg ?? null
    const reader = {
      alg: client?.userinfoEncryptedResponseAlg ?? null,
      enc: client?.userinfoEncryptedResponseEnc ?? null,
    }
    if (!client || (alg === null && reader.alg === null)) return claims
    // OpenID Connect Core §5.3.2: who says it, and to whom.
    const told = { ...claims, iss: issuer, aud: client.clientId }
    const signed = alg === null ? JSON.stringify(told) : await options.sign(told, alg, 'userinfo+jwt')
    const answer = await encryptFor(client, signed, reader, options.clientKeys)
    return reply.header('content-type', 'application/jwt').send(answer)
  }

  // OpenID Connect Core §5.3.1: GET or POST, the token in the header or (RFC 6750 §2.2) in the form; never in the query.
  scope.get('/oauth2/userinfo', (request, reply) => answerUserinfo(request, reply, tokenCredentials(request)))
  scope.post('/oauth2/userinfo', (request, reply) => {
    const inHeader = tokenCredentials(request)
    const form = request.headers['content-type'] === undefined ? undefined : readForm(request)
    if (form) refuseRepeated(form)
    const inBody = form?.get('access_token')
    if (inHeader !== undefined && inBody !== undefined) {
      throw bearerError('invalid_request', 'The access token is sent both in the header and in the body.')
    }
    return answerUserinfo(
      request,
      reply,
      inHeader ?? (inBody === undefined ? undefined : { scheme: 'Bearer', token: inBody }),
    )
  })

  scope.post('/oauth2/revoke', async (request, reply) => {
    const form = readForm(request)
    const client = await authenticate(request, form)
    restrictOrigin(request, reply, client.allowedOrigins)
    refuseRepeated(form)
    await revokeToken(required(form, 'token'), client, originOf(request), options)
    return {}
  })

  for (const url of ['/oauth2/userinfo', '/oauth2/revoke']) answerPreflight(scope, url)
  refuseOtherMethods(scope, '/oauth2/userinfo', ['GET', 'POST'])
  refuseOtherMethods(scope, '/oauth2/revoke', ['POST'])
}

/** Introspection. It is for resource servers, which are no scripts: unlike its neighbours, it allows no other origin. */
export function introspectionRoutes(
  scope: FastifyInstance,
  options: IntrospectOptions & IntrospectionJwtOptions & Pick<TokenRoutesOptions, 'authenticate'>,
): void {
  scope.post('/oauth2/introspect', async (request, reply) => {
    const form = readForm(request)
    const caller = await options.authenticate(request, form)
    refuseRepeated(form)
    if (caller.clientType === 'public') {
      throw refuseClient('Introspection is for confidential clients: it needs a secret.')
    }
    const answer = await introspect(required(form, 'token'), caller, options)
    if (!asksFor(INTROSPECTION_JWT, request.headers.accept)) return answer
    return reply.header('content-type', INTROSPECTION_JWT).send(await introspectionJwt(answer, caller, options))
  })
  refuseOtherMethods(scope, '/oauth2/introspect', ['POST'])
}
