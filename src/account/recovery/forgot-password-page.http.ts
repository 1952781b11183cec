import type { FastifyInstance } from 'fastify'
import { requestPasswordReset, type ForgottenPasswordServices } from '../../authentication/recovery/forgot-password.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import { forgotPasswordPage, noMailPage, resetCodePage } from '../../pages/links/forgot-password.tsx'
import { browserHashOf, formOf, localeOf, show, type PageFormOptions } from './page-forms.ts'
import { RESET_PASSWORD_PATH } from './reset-password-page.http.ts'

const PATH = '/forgot-password'

/** The page that asks for the address, and the page that asks for the code. */
export function forgotPasswordPages(
  scope: FastifyInstance,
  options: PageFormOptions & ForgottenPasswordServices,
): void {
  scope.get(PATH, (request, reply) => {
    if (!options.mailer.isEnabled) return show(reply, noMailPage(localeOf(request)))
    const pending = readQuery(request).get('request')
    return show(reply, forgotPasswordPage({ ...formOf(options, PATH, request, reply), request: pending }))
  })

  scope.post(PATH, async (request, reply) => {
    const form = readForm(request)
    const pending = form.get('request')
    const email = form.get('email')?.trim()
    const again = (status: number, error: 'missing' | 'throttled' | 'csrf') => {
      const props = { ...formOf(options, PATH, request, reply), request: pending, email, error }
      return show(reply, forgotPasswordPage(props), status)
    }
    if (!isOwnForm(options, PATH, request, form)) return again(403, 'csrf')
    if (email === undefined || !isEmailAddress(email)) return again(400, 'missing')
    try {
      await requestPasswordReset(options, {
        email,
        network: request.clientAddress.network,
        browserHash: browserHashOf(options, request),
        request: pending,
        acceptLanguage: request.headers['accept-language'],
        requestMetadata: requestMetadata(request),
      })
    } catch (error) {
      if (!(error instanceof TooManyRequests)) throw error
      return again(429, 'throttled').header('retry-after', error.retryAfter)
    }
    return show(
      reply,
      resetCodePage({ ...formOf(options, RESET_PASSWORD_PATH, request, reply), request: pending, email }),
    )
  })

  rejectOtherMethods(scope, PATH, ['GET', 'POST'])
}
