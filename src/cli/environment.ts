import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the command takes from the environment. Secrets come from here or from files, never from arguments. */
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
  /** Where contexts are kept. */
  configDirectory: string
  editor: string | undefined
}

/** What is set to nothing is not set. */
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
 * Sets what the libraries that draw a screen take from the environment: that nobody develops them here, and that somebody
 * sits at the terminal, wherever it is. Answers whether colours are wanted (https://no-color.org).
 */
export function readyForScreen(): boolean {
  process.env['NODE_ENV'] = 'production'
  for (const name of ['DEV', 'CI', 'CONTINUOUS_INTEGRATION']) delete process.env[name]
  return !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}
