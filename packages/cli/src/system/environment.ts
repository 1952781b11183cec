import { homedir } from 'node:os'
import { join } from 'node:path'

/** Environment variables that the command reads. Secrets come from here or from files, never from arguments. */
export interface Environment {
  /** The server, where no context is chosen. */
  server: string | undefined
  context: string | undefined
  clientId: string | undefined
  clientSecret: string | undefined
  clientSecretFile: string | undefined
  clientKeyFile: string | undefined
  clientCertFile: string | undefined
  token: string | undefined
  tokenFile: string | undefined
  /** The directory of the contexts file. */
  configDirectory: string
  editor: string | undefined
}

/** An empty variable counts as unset. */
export function readEnvironment(): Environment {
  const read = (name: string) => process.env[name] || undefined
  return {
    server: read('CERBERUS_SERVER'),
    context: read('CERBERUS_CONTEXT'),
    clientId: read('CERBERUS_CLIENT_ID'),
    clientSecret: read('CERBERUS_CLIENT_SECRET'),
    clientSecretFile: read('CERBERUS_CLIENT_SECRET_FILE'),
    clientKeyFile: read('CERBERUS_CLIENT_KEY_FILE'),
    clientCertFile: read('CERBERUS_CLIENT_CERT_FILE'),
    token: read('CERBERUS_TOKEN'),
    tokenFile: read('CERBERUS_TOKEN_FILE'),
    configDirectory: join(read('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'cerberus'),
    editor: read('VISUAL') ?? read('EDITOR'),
  }
}

/**
 * Sets the environment variables that Ink reads, so that the terminal is interactive even where CI is set. Returns whether to use colours (https://no-color.org).
 */
export function prepareForTui(): boolean {
  for (const name of ['DEV', 'CI', 'CONTINUOUS_INTEGRATION']) delete process.env[name]
  return !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}
