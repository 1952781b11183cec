import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomAlphanumeric } from '../lib/random.ts'
import { Failure } from './failure.ts'
import { withLock } from './lock.ts'

/** What signing in gave. Times are ISO 8601. */
export interface StoredToken {
  accessToken: string
  expiresAt: string
  refreshToken: string | null
  scope: string
  /** To whom it was issued. */
  clientId: string
}

/** A server, and who is signed in there. */
export interface Context {
  /** Its issuer. */
  server: string
  /** What people sign in with. */
  clientId: string | null
  /** Sent as X-Org-Domain. */
  organisation: string | null
  token: StoredToken | null
}

export interface Contexts {
  current: string | null
  contexts: Record<string, Context>
}

/** The contexts, in a file that only its owner may read: it holds tokens. */
export interface ContextStore {
  read(): Contexts
  /**
   * Replaces what is there by what `change` makes of it, at once or not at all, while no other process changes it. What
   * `change` answers unchanged is not written.
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
        throw new Failure('failure', `${file} is not what this command writes. Mend it or take it away.`)
      }
    },
    async update(change) {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      await withLock(`${file}.lock`, async () => {
        const before = store.read()
        const after = await change(before)
        if (after !== before) replaceFile(file, `${JSON.stringify(after, null, 2)}\n`)
      })
    },
  }
  return store
}

/** The same with one context changed. */
export function withContext(contexts: Contexts, name: string, context: Context): Contexts {
  return { ...contexts, contexts: { ...contexts.contexts, [name]: context } }
}

function replaceFile(file: string, content: string): void {
  const fresh = `${file}.${randomAlphanumeric(8)}`
  writeFileSync(fresh, content, { mode: 0o600, flag: 'wx' })
  chmodSync(fresh, 0o600)
  renameSync(fresh, file)
}

/** The address of a server as contexts keep it: an origin, by https or on this machine. */
export function serverAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const local = url !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && local))) {
    throw new Failure('usage', `A server is an address such as https://auth.example.com, or http on localhost: ${text}`)
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Failure('usage', `The address of a server has no path, query or credentials: ${url.origin} would do.`)
  }
  return url.origin
}
