// One file for each way in which a client proves who it is. `index.ts` lists them: registration and discovery offer what
// stands there, and nothing else.

import type { RegisteredClient } from '../../model/client.ts'
import type { Parameters } from '../../oauth/params.ts'

/** What a request offers as proof of its client. */
export type Presented =
  | { kind: 'credentials'; clientId: string; secret: string | undefined }
  | { kind: 'malformed'; description: string }

/** A way for a client to authenticate, by its name in the registry of RFC 7591 §2. */
export interface AuthenticationMethod {
  readonly name: string
  /** What the request offers by this method, or undefined where it offers nothing. */
  present(authorization: string | undefined, form: Parameters): Presented | undefined
  /** Whether that proves `client`. Takes the same time for a client that does not exist. */
  verify(presented: Presented, client: RegisteredClient | undefined, now: Date): boolean
}
