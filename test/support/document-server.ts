// A web server on localhost with the documents of clients: key sets, request objects, metadata.
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TestCertificate } from './certificates.ts'

/** Serves `documents` by path and records each request. By http, or by https with a certificate. */
export async function startDocumentServer(own?: TestCertificate) {
  const documents = new Map<string, { status?: number; body: string; headers?: Record<string, string> }>()
  const requestedPaths: string[] = []
  const answer: RequestListener = (request, response) => {
    requestedPaths.push(request.url ?? '')
    const found = documents.get(request.url ?? '')
    response.writeHead(found ? (found.status ?? 200) : 404, found?.headers)
    response.end(found?.body)
  }
  const server = own ? createSecureServer({ cert: own.certificate, key: own.key }, answer) : createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `${own ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`
  return {
    base,
    documents,
    asked: requestedPaths,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
