import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { readForm, readQuery } from '../../http/request/forms.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm } from '../../http/security/csrf.ts'
import { rejectOtherMethods } from '../../http/server/allowed-methods.ts'
import { InvalidInput } from '../../lib/domain-error.ts'
import type { OpenInvitation } from '../../model/invitations/invitation.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { invitationPage, invitationUnavailablePage, type InvitationProps } from '../../pages/links/invitation.tsx'
import { chooseLocale } from '../../pages/messages/locale.ts'
import { styleHash } from '../../pages/theme/style.ts'
import {
  acceptInvitation,
  AccountExists,
  findOpenInvitation,
  InvitationUnavailable,
} from '../../users/invitations/accept-invitation.ts'
import { signInNewUser, type NewUserSignIn } from '../auth/sign-in-new-user.ts'
import type { InvitationServices } from './invitation-operations.ts'
import { createJoining, type JoiningOptions } from './joining.http.ts'

export interface InvitationPageOptions
  extends InvitationServices, NewUserSignIn, Omit<JoiningOptions, 'path' | 'policy'> {
  issuer: string
}

const INVITATION_PATH = '/invitation'
/** Where a user who is signed in lands. */
const SIGNED_IN_PATH = '/auth/login'
const MAX_NAME_LENGTH = 100
const policy = pageContentSecurityPolicy({ style: styleHash })

/** The page of an invitation, which the link in it opens. */
export function invitationPages(scope: FastifyInstance, options: InvitationPageOptions): void {
  const { cookies, csrfTokens, invitationLimits } = options

  const joining = createJoining({ ...options, path: INVITATION_PATH, policy })
  const localeOf = (request: FastifyRequest) => chooseLocale(undefined, request.headers['accept-language'])
  const sendUnavailable = (request: FastifyRequest, reply: FastifyReply) =>
    sendPage(reply.status(404), invitationUnavailablePage(localeOf(request)), policy)

  function render(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
    invitation: OpenInvitation,
    more: Pick<InvitationProps, 'givenName' | 'familyName' | 'error'> = {},
  ) {
    const html = invitationPage({
      locale: localeOf(request),
      action: INVITATION_PATH,
      csrf: csrfTokens.create(cookies.ensureBrowserId(request, reply), INVITATION_PATH),
      token,
      organisation: invitation.organisation.name,
      invitedBy: invitation.invitedBy ?? undefined,
      email: invitation.email,
      ...more,
    })
    return sendPage(reply, html, policy)
  }

  scope.get(INVITATION_PATH, async (request, reply) => {
    await invitationLimits.views.consume(request.clientAddress.network)
    const token = readQuery(request).get('token') ?? ''
    try {
      const invitation = await findOpenInvitation(options, token)
      if (invitation.hasAccount) return await joining.render(request, reply, { token, invitation })
      return await render(request, reply, token, invitation)
    } catch (error) {
      if (error instanceof InvitationUnavailable) return sendUnavailable(request, reply)
      throw error
    }
  })

  scope.post(INVITATION_PATH, async (request, reply) => {
    const form = readForm(request)
    const token = form.get('token') ?? ''
    const [givenName, familyName] = [form.get('given_name')?.trim(), form.get('family_name')?.trim()]
    const password = form.get('new_password')
    const entered = { givenName: givenName || undefined, familyName: familyName || undefined }
    let invitation: OpenInvitation
    try {
      await invitationLimits.answers.consume(request.clientAddress.network)
      invitation = await findOpenInvitation(options, token)
      if (invitation.hasAccount) return await joining.accept(request, reply, { token, invitation, form })
    } catch (error) {
      if (error instanceof InvitationUnavailable) return sendUnavailable(request, reply)
      throw error
    }
    const again = (status: number, error: InvitationProps['error']) =>
      render(request, reply.status(status), token, invitation, { ...entered, error })
    if (!isOwnForm(options, INVITATION_PATH, request, form)) return again(403, 'csrf')
    const names = [entered.givenName, entered.familyName]
    if (password === undefined || names.some((name) => name === undefined || name.length > MAX_NAME_LENGTH))
      return again(400, 'missing')
    try {
      const answer = {
        token,
        email: undefined,
        givenName: names[0] ?? '',
        familyName: names[1] ?? '',
        password,
        language: localeOf(request),
      }
      const { email } = await acceptInvitation(options, answer, requestMetadata(request))
      await signInNewUser(options, toEmailKey(email), request, reply)
      return await reply.redirect(SIGNED_IN_PATH, 303)
    } catch (error) {
      if (error instanceof InvitationUnavailable) return sendUnavailable(request, reply)
      if (error instanceof InvalidInput) return again(400, 'password')
      if (error instanceof AccountExists) return again(409, 'taken')
      if (!(error instanceof TooManyRequests)) throw error
      return again(429, 'throttled').header('retry-after', error.retryAfter)
    }
  })

  rejectOtherMethods(scope, INVITATION_PATH, ['GET', 'POST'])
}
