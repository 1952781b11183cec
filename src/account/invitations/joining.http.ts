import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BrowserSessions } from '../../authentication/sessions/browser-sessions.ts'
import { interactionUrls } from '../../authorize/interaction-urls.ts'
import { sendPage } from '../../http/errors/page-error-handler.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isOwnForm, type CsrfTokens } from '../../http/security/csrf.ts'
import { Conflict } from '../../lib/domain-error.ts'
import type { OpenInvitation } from '../../model/invitations/invitation.ts'
import { displayName, toEmailKey } from '../../model/users/user.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { chooseLocale } from '../../pages/messages/locale.ts'
import {
  joinedOrganisationPage,
  joinOrganisationPage,
  type JoinOrganisationProps,
} from '../../pages/links/join-organisation.tsx'
import { acceptInvitationAsMember, type InvitationAcceptance } from '../../users/invitations/accept-invitation.ts'

export interface JoiningOptions extends Pick<InvitationAcceptance, 'invitations' | 'clock'> {
  issuer: string
  cookies: Cookies
  csrfTokens: CsrfTokens
  browserSessions: Pick<BrowserSessions, 'find'>
  /** Of the page of an invitation. */
  path: string
  policy: string
}

interface Opened {
  token: string
  invitation: OpenInvitation
}

/** The page of an invitation whose address has an account: its user signs in and joins the organisation. */
export function createJoining(options: JoiningOptions) {
  const { cookies, csrfTokens, browserSessions, path, policy } = options
  const localeOf = (request: FastifyRequest) => chooseLocale(undefined, request.headers['accept-language'])

  /** The session of the account whose address was invited. */
  async function findSession(request: FastifyRequest, { email }: OpenInvitation) {
    const { session } = (await browserSessions.find(cookies.session(request))) ?? {}
    return session && toEmailKey(session.user.email) === toEmailKey(email) ? session : undefined
  }

  async function render(
    request: FastifyRequest,
    reply: FastifyReply,
    { token, invitation }: Opened,
    error?: JoinOrganisationProps['error'],
  ): Promise<FastifyReply> {
    const session = await findSession(request, invitation)
    const signIn = new URLSearchParams({ account: 'another', return_to: `${path}?token=${token}` })
    const html = joinOrganisationPage({
      locale: localeOf(request),
      action: path,
      csrf: csrfTokens.create(cookies.ensureBrowserId(request, reply), path),
      token,
      organisation: invitation.organisation.name,
      email: invitation.email,
      visitor: session && {
        account: { name: displayName(session.user), email: session.user.email },
        organisation: session.organisation.name,
      },
      signInUrl: `${interactionUrls.login}?${signIn}`,
      error,
    })
    return sendPage(reply, html, policy)
  }

  return {
    render,

    /** Throws `InvitationUnavailable`. */
    async accept(
      request: FastifyRequest,
      reply: FastifyReply,
      { form, ...opened }: Opened & { form: Parameters },
    ): Promise<FastifyReply> {
      if (!isOwnForm(options, path, request, form)) return render(request, reply.status(403), opened, 'csrf')
      const session = await findSession(request, opened.invitation)
      if (!session) return render(request, reply.status(401), opened)
      try {
        const answer = { token: opened.token, userId: session.userId }
        const organisation = await acceptInvitationAsMember(options, answer, requestMetadata(request))
        const html = joinedOrganisationPage({ locale: localeOf(request), organisation: organisation.name })
        return await sendPage(reply, html, policy)
      } catch (error) {
        if (error instanceof Conflict) return render(request, reply.status(409), opened, 'member')
        throw error
      }
    },
  }
}
