import { StartupError } from './startup-error.ts'

/** Connections that may wait to be accepted. The system has a limit of its own, `net.core.somaxconn`. */
const LISTEN_BACKLOG = 4_096

/** Throws `StartupError` when the address cannot be used. */
export async function listen(
  server: { listen(address: { host: string; port: number; backlog: number }): Promise<unknown> },
  { host, port }: { host: string; port: number },
): Promise<void> {
  await server.listen({ host, port, backlog: LISTEN_BACKLOG }).catch((error: unknown) => {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
    const reason = typeof code === 'string' ? LISTEN_ERROR_REASONS[code] : undefined
    throw reason === undefined ? error : new StartupError(`Cannot listen on ${host}, port ${port}: ${reason}.`)
  })
}

const LISTEN_ERROR_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'TLS_CERT_FILE or TLS_KEY_FILE does not exist',
  EADDRINUSE: 'the port is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'the machine has no such address',
  ENOTFOUND: 'the host name is unknown',
}
