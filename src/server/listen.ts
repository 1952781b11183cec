import { StartupError } from './startup/startup-error.ts'

/** Connections that may wait to be accepted. The system has a limit of its own, `net.core.somaxconn`. */
const LISTEN_BACKLOG = 4_096

/** Throws `StartupError` when the address cannot be used, or the files of TLS. */
export async function listen(
  server: { listen(address: { host: string; port: number; backlog: number }): Promise<unknown> },
  { host, port }: { host: string; port: number },
): Promise<void> {
  await server.listen({ host, port, backlog: LISTEN_BACKLOG }).catch((error: unknown) => {
    const code = codeOf(error)
    const reason = isFileError(error)
      ? 'TLS_CERT_FILE or TLS_KEY_FILE cannot be read'
      : /^ERR_(OSSL|SSL|CRYPTO)/.test(code)
        ? 'TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its private key in PEM form'
        : LISTEN_ERROR_REASONS[code]
    if (reason === undefined) throw error
    throw new StartupError(`Cannot listen on ${host}, port ${port}: ${reason}.`, { cause: error })
  })
}

/** Whether another program listens at the address. */
export function isInUse(error: unknown): boolean {
  return codeOf(error) === 'EADDRINUSE'
}

const LISTEN_ERROR_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'the machine has no such address',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved at present',
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'open' || error.syscall === 'read')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
