import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  confirmEmailChange,
  EmailAddressTaken,
  undoEmailChange,
  type EmailChangeServices,
} from '../../authentication/recovery/change-email.ts'
import { findLink } from '../../authentication/recovery/mailed-links.ts'
import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { emailChangedPage, emailChangePage, emailTakenPage } from '../../pages/links/email-change.tsx'
import { formOf, localeOf, show, type PageFormOptions } from '../recovery/page-forms.ts'
import { onFailure, RESET_PASSWORD_PATH } from '../recovery/reset-password-page.http.ts'

type Options = PageFormOptions & EmailChangeServices & { recoveryAttempts: Pick<AttemptRateLimiter, 'consume'> }

/** The pages of the links that confirm and undo a change of the address. */
export function emailChangePages(scope: FastifyInstance, options: Options): void {
  const links = [
    { path: '/change-email', purpose: 'email_change', kind: 'confirm' },
    { path: '/undo-email-change', purpose: 'email_undo', kind: 'undo' },
  ] as const

  const finish = {
    async confirm(token: string, request: FastifyRequest, reply: FastifyReply) {
      const email = await confirmEmailChange(options, token, requestMetadata(request))
      return show(reply, emailChangedPage({ locale: localeOf(request), email }))
    },
    async undo(token: string, request: FastifyRequest, reply: FastifyReply) {
      const next = await undoEmailChange(options, token, requestMetadata(request))
      return reply.redirect(`${RESET_PASSWORD_PATH}?${new URLSearchParams({ token: next })}`, 303)
    },
  }

  for (const { path, purpose, kind } of links) {
    const ask = async (request: FastifyRequest, reply: FastifyReply, token: string, status = 200) => {
      const { user, context } = await findLink(options, purpose, token)
      const props = { ...formOf(options, path, request, reply), token, kind, from: user.email, to: context.email ?? '' }
      return show(reply, emailChangePage(props), status)
    }

    scope.get(path, async (request, reply) => {
      await options.recoveryAttempts.consume(request.clientAddress.network)
      try {
        return await ask(request, reply, readQuery(request).get('token') ?? '')
      } catch (error) {
        return onFailure(error, request, reply)
      }
    })

    scope.post(path, async (request, reply) => {
      await options.recoveryAttempts.consume(request.clientAddress.network)
      const form = readForm(request)
      const token = form.get('token') ?? ''
      try {
        if (!isOwnForm(options, path, request, form)) return await ask(request, reply, token, 403)
        return await finish[kind](token, request, reply)
      } catch (error) {
        if (error instanceof EmailAddressTaken) return show(reply, emailTakenPage(localeOf(request)), 409)
        return onFailure(error, request, reply)
      }
    })

    rejectOtherMethods(scope, path, ['GET', 'POST'])
  }
}
