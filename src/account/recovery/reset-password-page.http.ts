import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findLink, LinkUnavailable } from '../../authentication/recovery/mailed-links.ts'
import {
  redeemTypedCode,
  resetPassword,
  type PasswordResetServices,
} from '../../authentication/recovery/reset-password.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { InvalidInput } from '../../lib/domain-error.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { resetCodePage, type ResetCodeProps } from '../../pages/links/forgot-password.tsx'
import {
  linkUnavailablePage,
  passwordResetPage,
  resetPasswordPage,
  type ResetPasswordProps,
} from '../../pages/links/reset-password.tsx'
import { browserHashOf, formOf, localeOf, show, type PageFormOptions } from './page-forms.ts'

export const RESET_PASSWORD_PATH = '/reset-password'

/** The page of the link in the mail: it chooses another password. The code of the mail leads to the same page. */
export function resetPasswordPages(scope: FastifyInstance, options: PageFormOptions & PasswordResetServices): void {
  async function showForm(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
    { status = 200, error }: { status?: number; error?: ResetPasswordProps['error'] } = {},
  ): Promise<FastifyReply> {
    const { userId, organisationId, user, context, browserHash } = await findLink(options, 'password_reset', token)
    const apiKeys = await options.accountRecovery.listApiKeys({ id: userId }, options.clock.now())
    const passkeys = await options.passkeys.list({ id: userId, organisationId })
    const isOther = browserHash !== null && browserHashOf(options, request)?.equals(browserHash) !== true
    const html = resetPasswordPage({
      ...formOf(options, RESET_PASSWORD_PATH, request, reply),
      token,
      // Another browser cannot continue what this one had started.
      request: isOther ? undefined : context.request,
      email: user.email,
      apiKeys: apiKeys.map(({ name }) => name),
      passkeys: passkeys.map(({ name }) => name),
      otherBrowser: isOther,
      error,
    })
    return show(reply, html, status)
  }

  scope.get(RESET_PASSWORD_PATH, async (request, reply) => {
    await options.recoveryAttempts.consume(request.clientAddress.network)
    try {
      return await showForm(request, reply, readQuery(request).get('token') ?? '')
    } catch (error) {
      return onFailure(error, request, reply)
    }
  })

  scope.post(RESET_PASSWORD_PATH, async (request, reply) => {
    const form = readForm(request)
    const isOwn = isOwnForm(options, RESET_PASSWORD_PATH, request, form)
    try {
      if (form.get('token') === undefined) return await continueWithCode(request, reply, form, isOwn)
      return await setPassword(request, reply, form, isOwn)
    } catch (error) {
      return onFailure(error, request, reply)
    }
  })

  async function continueWithCode(request: FastifyRequest, reply: FastifyReply, form: Parameters, isOwn: boolean) {
    const [email = '', code = ''] = [form.get('email'), form.get('code')]
    const again = (status: number, error: ResetCodeProps['error']) => {
      const props = {
        ...formOf(options, RESET_PASSWORD_PATH, request, reply),
        request: form.get('request'),
        email,
        error,
      }
      return show(reply, resetCodePage(props), status)
    }
    if (!isOwn) return again(403, 'csrf')
    try {
      const token = await redeemTypedCode(options, 'password_reset', {
        email,
        code,
        network: request.clientAddress.network,
      })
      return await showForm(request, reply, token)
    } catch (error) {
      if (error instanceof LinkUnavailable) return again(400, 'code')
      if (!(error instanceof TooManyRequests)) throw error
      return again(429, 'throttled').header('retry-after', error.retryAfter)
    }
  }

  async function setPassword(request: FastifyRequest, reply: FastifyReply, form: Parameters, isOwn: boolean) {
    const token = form.get('token') ?? ''
    const password = form.get('new_password')
    if (!isOwn) return showForm(request, reply, token, { status: 403, error: 'csrf' })
    if (password === undefined) return showForm(request, reply, token, { status: 400, error: 'password' })
    try {
      const reset = await resetPassword(options, {
        token,
        password,
        revokeApiKeys: form.get('revoke_api_keys') === 'true',
        removePasskeys: form.get('remove_passkeys') === 'true',
        network: request.clientAddress.network,
        requestMetadata: requestMetadata(request),
      })
      const isOther = reset.browserHash !== null && browserHashOf(options, request)?.equals(reset.browserHash) !== true
      const pending = isOther ? undefined : reset.request
      const signInUrl =
        pending === undefined ? '/auth/login' : `/auth/login?${new URLSearchParams({ request: pending })}`
      return show(reply, passwordResetPage({ locale: localeOf(request), signInUrl }))
    } catch (error) {
      if (error instanceof InvalidInput) return showForm(request, reply, token, { status: 400, error: 'password' })
      if (!(error instanceof TooManyRequests)) throw error
      void reply.header('retry-after', error.retryAfter)
      return showForm(request, reply, token, { status: 429, error: 'throttled' })
    }
  }

  rejectOtherMethods(scope, RESET_PASSWORD_PATH, ['GET', 'POST'])
}

/** The page of a link that does not work. Other errors have pages of their own. */
export function onFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof LinkUnavailable)) throw error
  return show(reply, linkUnavailablePage(localeOf(request)), 404)
}
