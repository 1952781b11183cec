import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hashCookie, type Cookies } from '../../http/request/cookies.ts'
import { isOwnForm, type CsrfTokens } from '../../http/security/csrf.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import type { Clock } from '../../lib/time/clock.ts'
import { randomToken } from '../../lib/crypto/random.ts'
import type { PendingAuthorizationRequestRepository } from '../../model/authorization/pending-authorization-request.ts'
import type { DeviceAuthorizationRepository } from '../../model/authorization/device-authorization.ts'
import { formatUserCode, parseUserCode } from '../../oauth/device-code.ts'
import { formatScope } from '../../oauth/scope.ts'
import { devicePage, type DeviceProps } from '../../pages/device.tsx'
import { chooseLocale } from '../../pages/messages/locale.ts'
import { styleHash } from '../../pages/theme/style.ts'
import { resumeUrl } from '../interaction-urls.ts'

export interface DevicePageOptions {
  issuer: string
  clock: Clock
  cookies: Cookies
  csrfTokens: CsrfTokens
  /** Limits the codes that an IP address may try (RFC 8628 §5.1). */
  attempts: AttemptRateLimiter
  hashUserCode: (code: string) => Uint8Array
  pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'create'>
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'findByUserCode'>
}

const PATH = '/device'
const contentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash })

const resourceOf = ({ resources }: { resources: readonly string[] }): { resource?: string } =>
  resources.length === 0 ? {} : { resource: resources.join(' ') }

/** The page at `verification_uri`. After the code is entered, the flow is that of any authorization request. */
export function devicePageRoutes(scope: FastifyInstance, options: DevicePageOptions): void {
  const { clock, cookies, csrfTokens, attempts, hashUserCode } = options

  function sendDevicePage(
    request: FastifyRequest,
    reply: FastifyReply,
    props: Pick<DeviceProps, 'userCode' | 'error'>,
  ): FastifyReply {
    const csrf = csrfTokens.create(cookies.ensureBrowserId(request, reply), PATH)
    const locale = chooseLocale(undefined, request.headers['accept-language'])
    return sendPage(reply, devicePage({ locale, action: PATH, csrf, ...props }), contentSecurityPolicy)
  }

  scope.get(PATH, async (request, reply) => {
    const code = parseUserCode(readQuery(request).get('user_code') ?? '')
    return sendDevicePage(request, reply, { userCode: code && formatUserCode(code) })
  })

  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const enteredCode = form.get('user_code')?.slice(0, 40)
    const browser = cookies.browserId(request)
    if (browser === undefined || !isOwnForm(options, PATH, request, form)) {
      return sendDevicePage(request, reply.status(403), { userCode: enteredCode, error: 'csrf' })
    }
    try {
      await attempts.consume(request.clientAddress.network)
    } catch (error) {
      if (!(error instanceof TooManyRequests)) throw error
      return sendDevicePage(request, reply.status(429).header('retry-after', error.retryAfter), {
        userCode: enteredCode,
        error: 'throttled',
      })
    }
    const code = parseUserCode(enteredCode ?? '')
    const id = code && (await storePendingRequest(code, browser))
    if (id === undefined) return sendDevicePage(request, reply.status(400), { userCode: enteredCode, error: 'unknown' })
    return reply.redirect(resumeUrl(id), 303)
  })

  async function storePendingRequest(code: string, browser: string): Promise<string | undefined> {
    const now = clock.now()
    const device = await options.deviceAuthorizations.findByUserCode(hashUserCode(code), now)
    if (!device) return undefined
    const id = randomToken()
    await options.pendingAuthorizationRequests.create({
      id,
      organisationId: device.organisationId,
      clientId: device.client.id,
      parameters: { client_id: device.client.clientId, scope: formatScope(device.scopes), ...resourceOf(device) },
      hintedSubject: null,
      channel: 'device',
      deviceAuthorizationId: device.id,
      browserCookieHash: hashCookie(browser),
      createdAt: now,
      expiresAt: device.expiresAt,
    })
    return id
  }

  rejectOtherMethods(scope, PATH, ['GET', 'POST'])
}
