import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where a browser brings the answer of an authorization request on this machine (RFC 8252 §7.3). */
export interface Loopback {
  redirectUri: string
  /** The parameters of the first answer. */
  answered: Promise<URLSearchParams>
  close(): void
}

const PATH = '/callback'

/** Listens on a free port of the loopback interface for one answer. */
export async function listenForAnswer(): Promise<Loopback> {
  let answer: (parameters: URLSearchParams) => void = () => undefined
  const answered = new Promise<URLSearchParams>((resolve) => {
    answer = resolve
  })
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const expected = pathname === PATH && request.method === 'GET'
    response.writeHead(expected ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    })
    response.end(expected ? 'You can close this window and go back to the terminal.\n' : 'Nothing here.\n')
    if (expected) answer(searchParams)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    redirectUri: `http://127.0.0.1:${port}${PATH}`,
    answered,
    close() {
      server.close()
      server.closeIdleConnections()
    },
  }
}
