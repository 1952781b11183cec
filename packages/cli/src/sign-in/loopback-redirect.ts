import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A redirect URI on the loopback interface (RFC 8252 §7.3). */
export interface LoopbackRedirect {
  redirectUri: string
  /** The parameters of the first redirect. */
  received: Promise<URLSearchParams>
  close(): void
}

const PATH = '/callback'

/** Listens on a free port of the loopback interface for one redirect. */
export async function listenForRedirect(): Promise<LoopbackRedirect> {
  let resolveReceived: (parameters: URLSearchParams) => void = () => undefined
  const received = new Promise<URLSearchParams>((resolve) => {
    resolveReceived = resolve
  })
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const expected = pathname === PATH && request.method === 'GET'
    response.writeHead(expected ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    })
    response.end(expected ? 'You can close this window and return to the terminal.\n' : 'Not found.\n')
    if (expected) resolveReceived(searchParams)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    redirectUri: `http://127.0.0.1:${port}${PATH}`,
    received: received,
    close() {
      server.close()
      server.closeIdleConnections()
    },
  }
}
