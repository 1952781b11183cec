// The environment of the terminal UI journeys: a server, an administrating client, and screens of 80 columns and 24 rows.
import { createTerminal, type Terminal } from '../support/cli.ts'
import { startJourneyServer, type JourneyServer } from '../support/journey-server.ts'
import { openScreen, type Screen, type ScreenOptions } from '../support/terminal-screen.ts'

export type ShownClient = Record<string, unknown> & { id: string; clientId: string; name: string }

export interface TuiEnvironment {
  server: JourneyServer
  terminal: Terminal
  /** The environment variables with the credentials of the command. */
  environment: Record<string, string>
  /** Registers a client as the owner. */
  register(settings: Record<string, unknown>): Promise<ShownClient & { clientSecret: string | null }>
  /** The client as the server returns it. */
  read(id: string): Promise<ShownClient>
  /** Changes a client as another user. */
  patch(id: string, change: Record<string, unknown>): Promise<void>
  /** The response to a request of the owner. */
  fetchJson<Value = unknown>(path: string): Promise<Value>
  /** Starts the program, and waits for the list of clients. */
  open(options?: ScreenOptions): Promise<Screen>
  /** Starts the program, and opens the client with this name. */
  openClient(name: string, options?: ScreenOptions): Promise<Screen>
  /** Stops the programs that were started. */
  closeScreens(): Promise<void>
  close(): Promise<void>
}

const CLIENTS = '/v1/admin/clients'

/** `scopes` are the permissions of the administrating client. */
export async function startTuiEnvironment(scopes = ['clients:*', 'audit:read']): Promise<TuiEnvironment> {
  const server = await startJourneyServer()
  const cookie = await server.signIn()
  const screens: Screen[] = []
  const send = async (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => {
    const answer = await server.app.inject({ method, url, headers: { cookie }, ...(payload && { payload }) })
    if (answer.statusCode >= 300) throw new Error(`${method} ${url} answered ${answer.statusCode}: ${answer.body}`)
    return answer
  }
  const register: TuiEnvironment['register'] = async (settings) => (await send('POST', CLIENTS, settings)).json()
  const { clientId, clientSecret } = await register({
    name: 'Robot',
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    scopes,
  })
  const environment = {
    CERBERUS_SERVER: server.issuer,
    CERBERUS_CLIENT_ID: clientId,
    CERBERUS_CLIENT_SECRET: clientSecret ?? '',
  }
  const terminal = await createTerminal(environment)

  async function open(options: ScreenOptions = {}): Promise<Screen> {
    const screen = await openScreen(terminal, ['tui'], {
      ...options,
      environment: { ...environment, ...options.environment },
    })
    screens.push(screen)
    await screen.shows(/page \d+ of \d+/)
    return screen
  }

  async function closeScreens(): Promise<void> {
    for (const screen of screens.splice(0)) {
      screen.kill()
      await screen.ended
    }
  }

  return {
    server,
    terminal,
    environment,
    register,
    read: async (id) => (await send('GET', `${CLIENTS}/${id}`)).json(),
    patch: async (id, change) => void (await send('PATCH', `${CLIENTS}/${id}`, change)),
    fetchJson: async (path) => (await send('GET', path)).json(),
    open,
    async openClient(name, options) {
      const screen = await open(options)
      screen.type(`/${name}`)
      await screen.shows(/1 client · page 1/)
      await screen.press('enter', 'enter')
      await screen.shows('[Application')
      return screen
    },
    closeScreens,
    async close() {
      await closeScreens()
      await terminal.remove()
      await server.close()
    },
  }
}
