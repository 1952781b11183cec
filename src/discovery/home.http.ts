import type { FastifyInstance } from 'fastify'
import { createCachedResponse, sendCachedResponse } from '../http/caching/cached-response.ts'
import { pageContentSecurityPolicy, sendPage } from '../http/errors/page-error-handler.ts'
import { rejectOtherMethods } from '../http/server/allowed-methods.ts'
import { homePage } from '../pages/home.tsx'
import { chooseLocale } from '../pages/messages/locale.ts'
import { faviconSvg } from '../pages/theme/icons.tsx'
import { styleHash } from '../pages/theme/style.ts'

const contentSecurityPolicy = pageContentSecurityPolicy({ style: styleHash })
const ICON_MAX_AGE_SECONDS = 86_400

/** The page at `/`, and the icon that browsers request beside every page. */
export function homeRoutes(scope: FastifyInstance): void {
  const icon = createCachedResponse(faviconSvg())
  scope.get('/', (request, reply) => {
    const locale = chooseLocale(undefined, request.headers['accept-language'])
    return sendPage(reply.header('vary', 'Accept-Language'), homePage({ locale }), contentSecurityPolicy)
  })
  scope.get('/favicon.ico', (request, reply) =>
    sendCachedResponse(request, reply, icon, { maxAge: ICON_MAX_AGE_SECONDS, type: 'image/svg+xml' }),
  )
  rejectOtherMethods(scope, '/', ['GET'])
  rejectOtherMethods(scope, '/favicon.ico', ['GET'])
}
