/** Thrown when a rate limit is exceeded. `retryAfter` in seconds. */
export class TooManyRequests extends Error {
  readonly retryAfter: number
  constructor(retryAfter: number) {
    super('Too many requests.')
    this.retryAfter = retryAfter
  }
}

/** Thrown by a path that has no handler for the method of the request. */
export class MethodNotAllowed extends Error {
  readonly allow: readonly string[]
  constructor(allow: readonly string[]) {
    super(`Only ${allow.join(' and ')} ${allow.length === 1 ? 'is' : 'are'} allowed here.`)
    this.allow = allow
  }
}

/** Thrown when work is cancelled because the client has disconnected. */
export class ClientDisconnected extends Error {
  constructor() {
    super('The client has disconnected.')
  }
}
