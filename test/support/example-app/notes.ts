import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listenOnLoopback, type LoopbackServer } from '../journey-server.ts'

export interface Notes extends LoopbackServer {
  origin: string
  redirectUri: string
  /** What was posted to the redirect URI (OAuth 2.0 Form Post Response Mode), oldest first. */
  posted: URLSearchParams[]
  /** Tells the application who it is; it asks when it is loaded. */
  configure(settings: { issuer: string; clientId: string }): void
}

const FILES = new URL('./spa/', import.meta.url)
const PAGE = { file: 'index.html', type: 'text/html; charset=utf-8' }
const SCRIPT = /^\/(app|oauth2-client|token-manager|api-client)\.js$/

/** The single-page application of `spa/` on an origin of its own, of another site than `localhost`. */
export async function startNotes(): Promise<Notes> {
  const posted: URLSearchParams[] = []
  let settings = {}

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://notes.invalid')
    if (request.method === 'POST' && pathname === '/callback') {
      posted.push(new URLSearchParams(await readBody(request)))
      response.writeHead(303, { location: '/?posted' }).end()
      return
    }
    if (pathname === '/settings.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(settings))
      return
    }
    const script = SCRIPT.test(pathname) ? { file: pathname.slice(1), type: 'text/javascript' } : undefined
    const found = script ?? (pathname === '/' || pathname === '/callback' ? PAGE : undefined)
    if (!found) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': found.type, 'cache-control': 'no-store' })
    response.end(await readFile(new URL(found.file, FILES)))
  }

  const listening = await listenOnLoopback((request, response) => void answer(request, response))
  const origin = `http://127.0.0.1:${listening.port}`
  return {
    ...listening,
    origin,
    posted,
    redirectUri: `${origin}/callback`,
    configure(given) {
      settings = given
    },
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
