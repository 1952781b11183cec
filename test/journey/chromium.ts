import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { describeIfAvailable } from '../support/describe-if-available.ts'

/** First the shell without a user interface: the same engine, in two thirds of the time. */
const CHROMIUM_PATHS = [
  '/usr/bin/chromium-headless-shell',
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
  return [...CHROMIUM_PATHS, chromium.executablePath()].find((path) => existsSync(path))
}

const executablePath = findChromium()

/** `describe` for what needs Chromium. */
export function describeInChromium(name: string, body: () => void): void {
  const requirement = {
    isAvailable: executablePath !== undefined,
    missingReason: 'no Chromium was found',
    advice: 'Install one, or name one in CHROMIUM_PATH, to run the journeys in a browser.',
  }
  describeIfAvailable(requirement, name, body, { timeout: 60_000 })
}

const HEADLESS =
  '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update'

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? '',
    args: [...HEADLESS.split(' '), '--disable-sync', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
}
