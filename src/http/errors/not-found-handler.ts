import type { FastifyInstance } from 'fastify'
import { sendPage, type PageErrorHandlerOptions } from './page-error-handler.ts'
import { notFound } from './problem.ts'
import { sendProblem } from './problem-error-handler.ts'

/** Answers unknown paths with 404: a page for a browser that navigates there, problem+json for other clients. */
export function setNotFoundHandler(
  server: FastifyInstance,
  options: PageErrorHandlerOptions & { issuer: string },
): void {
  const { issuer, renderError, contentSecurityPolicy } = options
  server.setNotFoundHandler((request, reply) => {
    const problem = notFound('No such path.')
    const isNavigation = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    if (!isNavigation) return sendProblem(request, reply, problem, issuer)
    const content = { status: 404, code: problem.slug, description: problem.detail, reference: request.id }
    return sendPage(reply.status(404).header('vary', 'Accept'), renderError(content, request), contentSecurityPolicy)
  })
}
