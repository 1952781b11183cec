/** The reason why there was no response. For the log only, because it may reveal details of our network. */
export class SafeFetchError extends Error {
  override readonly name = 'SafeFetchError'
}
