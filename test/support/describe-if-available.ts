// The one place that decides whether tests run that need something of the machine. Everywhere else, skipping is forbidden.
import { describe, type TestOptions } from 'vitest'

/** Something of the machine. */
export interface ExternalRequirement {
  isAvailable: boolean
  /** Completes the sentence "Not run, because …". */
  missingReason: string
  /** What to do about it. */
  advice: string
}

/** `describe` for what needs it. Without it that fails where CI=true; elsewhere it is skipped, and says so loudly. */
export function describeIfAvailable(
  { isAvailable, missingReason, advice }: ExternalRequirement,
  name: string,
  body: () => void,
  options: TestOptions = {},
): void {
  if (!isAvailable) {
    if (process.env['CI'] === 'true') throw new Error(`CI must not go without: ${missingReason}: ${name}`)
    const line = '!'.repeat(100)
    process.stderr.write(`\n${line}\n!! NOT RUN, because ${missingReason}: ${name}\n!! ${advice}\n${line}\n\n`)
  }
  // oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- both are the caller's
  describe.skipIf(!isAvailable)(name, options, body)
}
