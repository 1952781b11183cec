import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { OWNER } from '../support/app.ts'
import { startNotes, type Notes } from '../support/example-app/notes.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey.ts'
import { launchChromium } from './chromium.ts'
import { watch, type Watch } from './watch.ts'

/** A browser of its own, that nobody is signed in with. */
export interface Visit {
  context: BrowserContext
  page: Page
  seen: Watch
}

/** The server, the application Notes on another site, and Chromium. */
export interface Stage {
  server: JourneyServer
  notes: Notes
  chromium: Browser
  clientId: string
  visit(options?: BrowserContextOptions): Promise<Visit>
  /** An authorization request of Notes, valid in itself; its code is never exchanged. */
  authorizeUrl(more?: Record<string, string>): string
  close(): Promise<void>
}

/** `settings` are Notes' registration, where it differs from that of a well-behaved public client. */
export async function openStage(settings: Record<string, unknown> = {}): Promise<Stage> {
  const [server, notes, chromium] = await Promise.all([startJourneyServer(), startNotes(), launchChromium()])
  const { clientId } = await server.registerClient({
    name: 'Notes',
    redirectUris: [notes.redirectUri],
    postLogoutRedirectUris: [`${notes.origin}/?signed-out`],
    allowedOrigins: [notes.origin],
    scopes: ['openid', 'profile', 'email'],
    ...settings,
  })
  notes.configure({ issuer: server.issuer, clientId })
  return {
    server,
    notes,
    chromium,
    clientId,
    async visit(options) {
      const context = await chromium.newContext(options)
      context.setDefaultTimeout(20_000)
      return { context, seen: watch(context), page: await context.newPage() }
    },
    authorizeUrl(more) {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: notes.redirectUri,
        scope: 'openid profile email',
        state: 'a-state',
        // RFC 7636, appendix B.
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
        ...more,
      })
      return `${server.issuer}/oauth2/authorize?${query}`
    },
    async close() {
      await chromium.close()
      await Promise.all([server.close(), notes.close()])
    },
  }
}

/** Fills in the sign-in page and sends it; as the owner, where nobody else is named. */
export async function signIn(
  page: Page,
  { email, password }: { email: string; password: string } = OWNER,
): Promise<void> {
  await page.fill('#email', email)
  await page.fill('#password', password)
  await page.click('#sign-in')
}
