// The server of an application that receives webhooks. On localhost, by http.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listenOnLoopback } from './journey-server.ts'

export interface ReceivedWebhook {
  path: string
  headers: Record<string, string>
  body: string
  json(): Record<string, unknown>
}

const thank = (response: ServerResponse): void => void response.end('thank you')

/** Responds with 200 unless another response is set. */
export async function startWebhookReceiver() {
  const receiver = {
    received: [] as ReceivedWebhook[],
    base: '',
    respond: thank as (response: ServerResponse, received: ReceivedWebhook) => void,
    /** Forgets what was received, and how to respond. */
    reset() {
      receiver.received.length = 0
      receiver.respond = thank
    },
    close: () => Promise.resolve(),
  }
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const received: ReceivedWebhook = {
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      body,
      json: () => JSON.parse(body) as Record<string, unknown>,
    }
    receiver.received.push(received)
    receiver.respond(response, received)
  }
  const { port, close } = await listenOnLoopback((request, response) => void receive(request, response))
  receiver.base = `http://localhost:${port}`
  receiver.close = close
  return receiver
}
