import type { BrowserContext } from 'playwright-core'

/** Errors of a browser during a test. */
export interface PageErrors {
  /** What scripts threw and what the console called an error; violations of a content security policy are among it. */
  errors: string[]
  /** Answers of 400 and above, as `status path`, in order. */
  failedResponses: string[]
}

/** Listens to every page of `context`, popups included, from now on. */
export function collectPageErrors(context: BrowserContext): PageErrors {
  const pageErrors: PageErrors = { errors: [], failedResponses: [] }
  context.on('console', (message) => {
    // Chromium reports each failed response here too; those are in `failedResponses`.
    const isFailedResponse = message.text().startsWith('Failed to load resource: the server responded with a status of')
    if (message.type() === 'error' && !isFailedResponse)
      pageErrors.errors.push(`${message.location().url}: ${message.text()}`)
  })
  context.on('weberror', (webError) => pageErrors.errors.push(String(webError.error())))
  context.on('response', (response) => {
    if (response.status() >= 400)
      pageErrors.failedResponses.push(`${response.status()} ${new URL(response.url()).pathname}`)
  })
  return pageErrors
}
