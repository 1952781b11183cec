import type { FastifyInstance } from 'fastify'
import { sendPage, type PageErrorHandlerOptions } from './page-error-handler.ts'
import { notFound, sendProblem } from './problem-error-handler.ts'

/** Answers paths at which there is nothing: a browser that goes there gets a page, every other caller a problem. */
export function setNotFoundHandler(
  server: FastifyInstance,
  options: PageErrorHandlerOptions & { issuer: string },
): void {
  const { issuer, renderError, contentSecurityPolicy } = options
  server.setNotFoundHandler((request, reply) => {
    const problem = notFound('There is nothing at this path.')
    const isNavigation = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    if (!isNavigation) return sendProblem(request, reply, problem, issuer)
    const content = { status: 404, code: problem.slug, description: problem.detail, reference: request.id }
    return sendPage(reply.status(404).header('vary', 'Accept'), renderError(content, request), contentSecurityPolicy)
  })
}
