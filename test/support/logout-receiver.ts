// The logout endpoint of an application's server. On localhost, by http.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listenOnLoopback } from './journey-server.ts'

export interface Received {
  path: string
  method: string
  contentType: string
  body: string
}

/** Responds with 200 unless another status is set. */
export async function startLogoutReceiver() {
  const received: Received[] = []
  const receiver = {
    received,
    base: '',
    /** How many are being answered, and how many were at most. */
    open: 0,
    most: 0,
    answer: (response: ServerResponse): void => void response.end(),
    close: () => Promise.resolve(),
  }
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    receiver.open += 1
    receiver.most = Math.max(receiver.most, receiver.open)
    response.on('close', () => (receiver.open -= 1))
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { url: path = '', method = '', headers } = request
    received.push({ path, method, contentType: headers['content-type'] ?? '', body })
    receiver.answer(response)
  }
  const { port, close } = await listenOnLoopback((request, response) => void receive(request, response))
  receiver.base = `http://localhost:${port}`
  receiver.close = close
  return receiver
}
