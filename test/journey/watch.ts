import type { BrowserContext } from 'playwright-core'

/** What went wrong in a browser while nobody looked. */
export interface Watch {
  /** What scripts threw and what the console called an error; violations of a content security policy are among it. */
  errors: string[]
  /** Answers of 400 and above, as `status path`, in order. */
  refusals: string[]
}

/** Listens to every page of `context`, popups included, from now on. */
export function watch(context: BrowserContext): Watch {
  const seen: Watch = { errors: [], refusals: [] }
  context.on('console', (message) => {
    // Chromium reports each refused request here too; those are told apart by `refusals`.
    const report = message.text().startsWith('Failed to load resource: the server responded with a status of')
    if (message.type() === 'error' && !report) seen.errors.push(`${message.location().url}: ${message.text()}`)
  })
  context.on('weberror', (thrown) => seen.errors.push(String(thrown.error())))
  context.on('response', (response) => {
    if (response.status() >= 400) seen.refusals.push(`${response.status()} ${new URL(response.url()).pathname}`)
  })
  return seen
}
