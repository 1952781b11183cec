import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { describeDepending } from '../support/depending.ts'

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

/** `describe` for what needs Chromium. */
export function describeInChromium(name: string, body: () => void): void {
  const dependence = {
    isThere: executablePath !== undefined,
    lacking: 'no Chromium was found',
    advice: 'Install one, or name one in CHROMIUM_PATH, to run the journeys in a browser.',
  }
  describeDepending(dependence, name, body, { timeout: 60_000 })
}

const HEADLESS =
  '--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update'

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? '',
    args: [...HEADLESS.split(' '), '--disable-sync', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
}
