// `account/verification` owns how users verify their e-mail address, by JSON and on a page.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findLink, LinkUnavailable } from '../../authentication/recovery/mailed-links.ts'
import { redeemTypedCode, type PasswordResetServices } from '../../authentication/recovery/reset-password.ts'
import { verifyEmail } from '../../authentication/recovery/verify-email.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { linkUnavailablePage } from '../../pages/links/reset-password.tsx'
import { emailVerifiedPage, verifyCodePage, verifyEmailPage } from '../../pages/links/verify-email.tsx'
import { formOf, localeOf, show, type PageFormOptions } from '../recovery/page-forms.ts'

export const VERIFY_EMAIL_PATH = '/verify-email'

/** The page of the link in the mail, which asks to confirm. Without a token, it asks for the code of the mail. */
export function verifyEmailPages(scope: FastifyInstance, options: PageFormOptions & PasswordResetServices): void {
  const form = (request: FastifyRequest, reply: FastifyReply) => formOf(options, VERIFY_EMAIL_PATH, request, reply)

  scope.get(VERIFY_EMAIL_PATH, async (request, reply) => {
    await options.recoveryAttempts.consume(request.clientAddress.network)
    const token = readQuery(request).get('token')
    if (token === undefined) return show(reply, verifyCodePage(form(request, reply)))
    try {
      const { user, organisation } = await findLink(options, 'email_verification', token)
      const props = { ...form(request, reply), token, email: user.email, organisation: organisation.name }
      return show(reply, verifyEmailPage(props))
    } catch (error) {
      if (!(error instanceof LinkUnavailable)) throw error
      const isVerified = await options.accountRecovery.hasVerified(sha256(token))
      return isVerified ? show(reply, emailVerifiedPage(localeOf(request))) : showUnavailable(request, reply)
    }
  })

  scope.post(VERIFY_EMAIL_PATH, async (request, reply) => {
    await options.recoveryAttempts.consume(request.clientAddress.network)
    const sent = readForm(request)
    const [email = '', code = ''] = [sent.get('email'), sent.get('code')]
    const isTyped = sent.get('token') === undefined
    const again = (status: number, error: 'code' | 'csrf') =>
      show(reply, verifyCodePage({ ...form(request, reply), email, error }), status)
    if (!isOwnForm(options, VERIFY_EMAIL_PATH, request, sent)) {
      return isTyped ? again(403, 'csrf') : reply.redirect(linkTo(sent.get('token') ?? ''), 303)
    }
    try {
      const token =
        sent.get('token') ??
        (await redeemTypedCode(options, 'email_verification', { email, code, network: request.clientAddress.network }))
      await verifyEmail(options, token, requestMetadata(request))
      return await show(reply, emailVerifiedPage(localeOf(request)))
    } catch (error) {
      if (!(error instanceof LinkUnavailable)) throw error
      return isTyped ? again(400, 'code') : showUnavailable(request, reply)
    }
  })

  rejectOtherMethods(scope, VERIFY_EMAIL_PATH, ['GET', 'POST'])
}

/** The page of a token. */
export const linkTo = (token: string): string => `${VERIFY_EMAIL_PATH}?${new URLSearchParams({ token })}`

const showUnavailable = (request: FastifyRequest, reply: FastifyReply) =>
  show(reply, linkUnavailablePage(localeOf(request)), 404)
