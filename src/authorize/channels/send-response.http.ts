import type { FastifyReply, FastifyRequest } from 'fastify'
import { pageContentSecurityPolicy, sendPage } from '../../http/errors/page-error-handler.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import type { OAuthError } from '../../oauth/errors.ts'
import { deviceOutcomePage } from '../../pages/device.tsx'
import { errorPage, type ErrorDestination } from '../../pages/error.tsx'
import { formPostPage, formPostScriptHash } from '../../pages/form-post.tsx'
import { chooseLocale, preferredLanguages } from '../../pages/messages/locale.ts'
import { toClientDisplay } from '../../pages/theme/client-display.tsx'
import { styleHash } from '../../pages/theme/style.ts'
import type { FrontChannelResponse } from './response-channel.ts'

const formPostContentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash, script: formPostScriptHash })

/** Sends the browser to the client, or shows the outcome for a device. */
export function sendFrontChannelResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: FrontChannelResponse,
  parameters: Parameters,
): FastifyReply {
  if (response.kind === 'redirect') return redirectBrowser(request, reply, response.location)
  const locale = chooseLocale(parameters.get('ui_locales'), request.headers['accept-language'])
  if (response.kind === 'device') {
    const client = toClientDisplay(response.client, preferredLanguages(undefined, request.headers['accept-language']))
    const policy = pageContentSecurityPolicy({ style: styleHash, images: client.logoUri !== undefined })
    return sendPage(reply, deviceOutcomePage({ locale, outcome: response.outcome, client }), policy)
  }
  return sendPage(reply, formPostPage({ locale, ...response }), formPostContentSecurityPolicy)
}

/** Shows an error on a page, from which the user may continue to the client with the error response. */
export function sendErrorBeforeRedirect(
  request: FastifyRequest,
  reply: FastifyReply,
  { error, destination }: { error: OAuthError; destination: ErrorDestination },
  parameters: Parameters,
): FastifyReply {
  const { code, description } = error
  const locale = chooseLocale(parameters.get('ui_locales'), request.headers['accept-language'])
  const page = errorPage({ locale, status: 400, code, description, reference: request.id, destination })
  return sendPage(reply.status(400), page, pageContentSecurityPolicy({ style: styleHash }))
}

/** Uses 303 after a POST, so that the browser does not repost the form to the client (RFC 9700 §4.12). */
export function redirectBrowser(request: FastifyRequest, reply: FastifyReply, location: string): FastifyReply {
  return reply.redirect(location, request.method === 'POST' ? 303 : 302)
}
