import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hashCookie, type Cookies } from '../http/cookies.ts'
import { isSameOrigin, type FormTokens } from '../http/cross-site.ts'
import { readForm, readQuery } from '../http/forms.ts'
import { TooManyRequests } from '../http/framework-errors.ts'
import type { AttemptLimit } from '../http/limits.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { pagePolicy, sendPage } from '../http/page-dialect.ts'
import type { Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import type { AuthorizationRequestRepository } from '../model/authorization-request.ts'
import type { DeviceAuthorizationRepository } from '../model/device-authorization.ts'
import { formatUserCode, parseUserCode } from '../oauth/device.ts'
import { formatScope } from '../oauth/scope.ts'
import { devicePage, type DeviceProps } from '../pages/device.tsx'
import { chooseLocale } from '../pages/locale.ts'
import { styleHash } from '../pages/style.ts'
import { resumeUrl } from './routes.ts'

export interface DevicePageOptions {
  issuer: string
  clock: Clock
  cookies: Cookies
  formTokens: FormTokens
  /** Counts codes that are tried, by address (RFC 8628 §5.1). */
  attempts: AttemptLimit
  hashUserCode: (code: string) => Uint8Array
  authorizationRequests: Pick<AuthorizationRequestRepository, 'keep'>
  deviceAuthorizations: Pick<DeviceAuthorizationRepository, 'findByUserCode'>
}

const PATH = '/device'
const policy = pagePolicy({ style: styleHash })

/** The page at `verification_uri`: from the code on, the person goes the way of any authorization request. */
export function devicePages(scope: FastifyInstance, options: DevicePageOptions): void {
  const { issuer, clock, cookies, formTokens, attempts, hashUserCode } = options

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    more: Pick<DeviceProps, 'userCode' | 'error'>,
  ): FastifyReply {
    const csrf = formTokens.make(cookies.ensureBrowser(request, reply), PATH)
    const locale = chooseLocale(undefined, request.headers['accept-language'])
    return sendPage(reply, devicePage({ locale, action: PATH, csrf, ...more }), policy)
  }

  scope.get(PATH, async (request, reply) => {
    const code = parseUserCode(readQuery(request).get('user_code') ?? '')
    return show(request, reply, { userCode: code && formatUserCode(code) })
  })

  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const typed = form.get('user_code')?.slice(0, 40)
    const browser = cookies.browser(request)
    if (!isSameOrigin(request, issuer) || !browser || !formTokens.check(form.get('csrf'), browser, PATH)) {
      return show(request, reply.status(403), { userCode: typed, error: 'csrf' })
    }
    try {
      await attempts.take(request.ip)
    } catch (error) {
      if (!(error instanceof TooManyRequests)) throw error
      return show(request, reply.status(429).header('retry-after', error.retryAfter), {
        userCode: typed,
        error: 'throttled',
      })
    }
    const code = parseUserCode(typed ?? '')
    const id = code && (await keep(code, browser))
    if (id === undefined) return show(request, reply.status(400), { userCode: typed, error: 'unknown' })
    return reply.redirect(resumeUrl(id), 303)
  })

  async function keep(code: string, browser: string): Promise<string | undefined> {
    const now = clock.now()
    const device = await options.deviceAuthorizations.findByUserCode(hashUserCode(code), now)
    if (!device) return undefined
    const id = randomToken()
    await options.authorizationRequests.keep({
      id,
      organisationId: device.organisationId,
      clientId: device.client.id,
      parameters: { client_id: device.client.clientId, scope: formatScope(device.scopes) },
      deviceAuthorizationId: device.id,
      pushedReferenceHash: null,
      browserHash: hashCookie(browser),
      createdAt: now,
      expiresAt: device.expiresAt,
    })
    return id
  }

  refuseOtherMethods(scope, PATH, ['GET', 'POST'])
}
