import type { Precondition } from '../http/caching/preconditions.ts'

/** On which state a request is to act, and whether it is to act at all. */
export interface RequestConditions {
  precondition: Precondition
  dryRun: boolean
}
