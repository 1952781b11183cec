import { TOTP, Secret } from 'otpauth'
import type { TestClock } from './clock.ts'

/** The app on a user's phone. It was given the secret in Base32, and its clock is that of the server. */
export function authenticatorApp(secret: string, clock: Pick<TestClock, 'now'>) {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  return {
    /** The code of the current step, or of one that many steps later. */
    code: (steps = 0) => totp.generate({ timestamp: clock.now().getTime() + steps * 30_000 }),
  }
}
