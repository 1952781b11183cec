// A web server that clients keep documents on: key sets, request objects. On localhost, by http.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves `documents`, by path, and counts how often each was asked for. */
export async function serveDocuments() {
  const documents = new Map<string, { status?: number; body: string; headers?: Record<string, string> }>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const found = documents.get(request.url ?? '')
    response.writeHead(found ? (found.status ?? 200) : 404, found?.headers)
    response.end(found?.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://localhost:${(server.address() as AddressInfo).port}`
  return {
    base,
    documents,
    asked,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
