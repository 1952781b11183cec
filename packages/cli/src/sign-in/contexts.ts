import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import { randomSuffix } from '../system/random.ts'
import { withFileLock } from './file-lock.ts'

/** The tokens of a sign-in. Times are ISO 8601. */
export interface StoredToken {
  accessToken: string
  expiresAt: string
  refreshToken: string | null
  scope: string
  /** The client that they were issued to. */
  clientId: string
}

/** A server and the sign-in there. */
export interface Context {
  /** The issuer, an origin. */
  server: string
  /** The client for signing in. */
  clientId: string | null
  /** Sent as X-Org-Domain. */
  organisation: string | null
  token: StoredToken | null
}

export interface Contexts {
  current: string | null
  contexts: Record<string, Context>
}

/** The contexts file. It holds tokens, so only its owner may read it. */
export interface ContextStore {
  read(): Contexts
  /**
   * Replaces the contexts by the result of `change`, atomically and under a lock against other processes. The file is not
   * written where `change` returns its argument.
   */
  update(change: (contexts: Contexts) => Contexts | Promise<Contexts>): Promise<void>
}

export function createContextStore(directory: string): ContextStore {
  const file = join(directory, 'contexts.json')
  const store: ContextStore = {
    read() {
      let text: string
      try {
        text = readFileSync(file, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, contexts: {} }
        throw new Failure('failure', `Cannot read ${file}: ${(error as Error).message}`)
      }
      try {
        const { current, contexts } = JSON.parse(text) as Contexts
        return { current, contexts: { ...contexts } }
      } catch {
        throw new Failure('failure', `${file} is not a contexts file. Repair or delete it.`)
      }
    },
    async update(change) {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      await withFileLock(`${file}.lock`, async () => {
        const before = store.read()
        const after = await change(before)
        if (after !== before) replaceFile(file, `${JSON.stringify(after, null, 2)}\n`)
      })
    },
  }
  return store
}

/** The contexts with one of them replaced. */
export function withContext(contexts: Contexts, name: string, context: Context): Contexts {
  return { ...contexts, contexts: { ...contexts.contexts, [name]: context } }
}

function replaceFile(file: string, content: string): void {
  const temporary = `${file}.${randomSuffix()}`
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' })
  chmodSync(temporary, 0o600)
  renameSync(temporary, file)
}

/** The origin of a server: https, or http on this machine. */
export function parseServerAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const local = url !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && local))) {
    throw new Failure(
      'usage',
      `The server must be an address such as https://auth.example.com, or http on localhost, not ${text}`,
    )
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Failure('usage', `The address of a server has no path, query or credentials. Use ${url.origin}`)
  }
  return url.origin
}
