import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { OWNER } from '../support/app.ts'
import { startNotes, type Notes } from '../support/example-app/notes.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { launchChromium } from './chromium.ts'
import { collectPageErrors, type PageErrors } from './page-errors.ts'

/** A new browser without a session. */
export interface BrowserVisit {
  context: BrowserContext
  page: Page
  pageErrors: PageErrors
}

/** The server, the application Notes on another site, and Chromium. */
export interface BrowserEnvironment {
  server: JourneyServer
  notes: Notes
  chromium: Browser
  clientId: string
  openPage(options?: BrowserContextOptions): Promise<BrowserVisit>
  /** An authorization request of Notes, valid in itself; its code is never exchanged. */
  authorizeUrl(more?: Record<string, string>): string
  close(): Promise<void>
}

/** `settings` are Notes' registration, where it differs from that of a well-behaved public client. */
export async function startBrowserEnvironment(settings: Record<string, unknown> = {}): Promise<BrowserEnvironment> {
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
    async openPage(options) {
      const context = await chromium.newContext(options)
      context.setDefaultTimeout(20_000)
      return { context, pageErrors: collectPageErrors(context), page: await context.newPage() }
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

/** Submits the sign-in page, as the owner by default. */
export async function signIn(
  page: Page,
  { email, password }: { email: string; password: string } = OWNER,
): Promise<void> {
  await page.fill('#email', email)
  await page.fill('#password', password)
  await page.click('#sign-in')
}
