import type { FastifyInstance } from 'fastify'
import { findLink } from '../../authentication/recovery/mailed-links.ts'
import { secureAccount, type SecureAccountServices } from '../../authentication/recovery/secure-account.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { secureAccountPage } from '../../pages/links/reset-password.tsx'
import { formOf, show, type PageFormOptions } from './page-forms.ts'
import { onFailure, RESET_PASSWORD_PATH } from './reset-password-page.http.ts'

const PATH = '/secure-account'

/** The page of the link in a notice: it closes an account that another person may use. */
export function secureAccountPages(
  scope: FastifyInstance,
  options: PageFormOptions & SecureAccountServices & { recoveryAttempts: Pick<AttemptRateLimiter, 'consume'> },
): void {
  scope.get(PATH, async (request, reply) => {
    await options.recoveryAttempts.consume(request.clientAddress.network)
    const token = readQuery(request).get('token') ?? ''
    try {
      await findLink(options, 'secure_account', token)
      return show(reply, secureAccountPage({ ...formOf(options, PATH, request, reply), token }))
    } catch (error) {
      return onFailure(error, request, reply)
    }
  })

  scope.post(PATH, async (request, reply) => {
    await options.recoveryAttempts.consume(request.clientAddress.network)
    const form = readForm(request)
    const token = form.get('token') ?? ''
    if (!isOwnForm(options, PATH, request, form)) {
      const props = { ...formOf(options, PATH, request, reply), token, error: 'csrf' as const }
      return show(reply, secureAccountPage(props), 403)
    }
    try {
      const next = await secureAccount(options, token, requestMetadata(request))
      return await reply.redirect(`${RESET_PASSWORD_PATH}?${new URLSearchParams({ token: next })}`, 303)
    } catch (error) {
      return onFailure(error, request, reply)
    }
  })

  rejectOtherMethods(scope, PATH, ['GET', 'POST'])
}
