// `system` is the machine that the command runs on: its clock, randomness, environment and programs. Nothing else reads these.

/** The current time. */
export function now(): Date {
  return new Date()
}

/** The time `seconds` after `instant`. */
export function addSeconds(instant: Date, seconds: number): Date {
  return new Date(instant.getTime() + seconds * 1000)
}
