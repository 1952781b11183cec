// Two applications with a server of their own, alike but for the library: log in, a page for those who did, log out.
import express, { type ErrorRequestHandler, type Express } from 'express'
import session from 'express-session'
import { listenOnLoopback, type LoopbackServer } from '../journey-server.ts'

/** What an application keeps for one browser. */
export interface Kept {
  codeVerifier?: string
  state?: string
  accessToken?: string | undefined
  refreshToken?: string | undefined
  idToken?: string | undefined
}

declare module 'express-session' {
  interface SessionData {
    kept: Kept
  }
}

/** What an application was registered with. */
export interface Registration {
  issuer: string
  clientId: string
  clientSecret: string
  redirectUri: string
}

export interface WebApplication extends LoopbackServer {
  origin: string
  /** The tokens of the browser that logged in last. */
  latest: Kept
}

/**
 * Starts an application on an origin of its own: `register` gets its redirect URI, `routes` mounts it.
 */
export async function startWebApplication(
  register: (redirectUri: string) => Promise<Registration>,
  routes: (app: Express, registration: Registration, remember: (kept: Kept) => void) => Promise<void>,
): Promise<WebApplication> {
  const app = express()
  app.use(
    session({
      secret: 'known to this application alone',
      resave: false,
      saveUninitialized: false,
      // Without TLS on this machine; with it, `secure: true` belongs here.
      cookie: { httpOnly: true, maxAge: 24 * 60 * 60 * 1000 },
    }),
  )
  const listening = await listenOnLoopback(app)
  const origin = `http://127.0.0.1:${listening.port}`
  let latest: Kept = {}
  await routes(app, await register(`${origin}/callback`), (kept) => {
    latest = kept
  })
  app.get('/', (_request, response) => void response.send('You are not logged in.'))
  // oxlint-disable-next-line no-unused-vars -- Express tells error handlers by their four parameters
  const fail: ErrorRequestHandler = (error: Error, _request, response, _next) => {
    response.status(500).send(`${error.message} (${String(error.cause)})`)
  }
  app.use(fail)
  return {
    ...listening,
    origin,
    get latest() {
      return latest
    },
  }
}
