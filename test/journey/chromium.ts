// The one place that decides whether journeys in a browser run. Everywhere else, skipping is forbidden.
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { describe } from 'vitest'

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The program to run: the one that CHROMIUM_PATH names, one in its usual place, or the one Playwright installed. */
function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, and there is nothing there.`)
    return named
  }
  return [...USUAL_PLACES, chromium.executablePath()].find((path) => existsSync(path))
}

const executablePath = findChromium()

/**
 * `describe` for what needs Chromium. Without one it fails where CI=true; elsewhere it is skipped, and says so loudly.
 */
export function describeInChromium(name: string, body: () => void): void {
  if (executablePath === undefined) {
    if (process.env['CI'] === 'true') throw new Error(`No Chromium was found, and CI must not go without: ${name}`)
    process.stderr.write(
      `\n${'!'.repeat(100)}\n!! NOT RUN, because no Chromium was found: ${name}\n` +
        `!! Install one, or name one in CHROMIUM_PATH, to run the journeys in a browser.\n${'!'.repeat(100)}\n\n`,
    )
  }
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both are the caller's
  describe.skipIf(executablePath === undefined)(name, { timeout: 60_000 }, body)
}

const HEADLESS =
  '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update'

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? '',
    args: [...HEADLESS.split(' '), '--disable-sync', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
}
