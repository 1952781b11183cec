import { Conflict, PreconditionFailed } from '../domain-error.ts'

/** On which version of an object a change is made, and whether it is made at all. */
export interface UpdateConditions {
  /** Whether the caller accepts that the object has this version now (`If-Match`). */
  acceptsVersion: (version: number) => boolean
  /** Check everything and write nothing. */
  dryRun: boolean
}

/** Of several writers at once one succeeds in each round, so this many may write at the same time. */
const MAX_ATTEMPTS = 50

/**
 * Applies `act` to the object as it is now. `act` returns undefined where another write came first; then it is applied
 * again to the new version, while the caller accepts that one. Throws `PreconditionFailed`, or `Conflict` after 50 attempts.
 */
export async function withOptimisticRetry<Entity extends { version: number }, Outcome>(
  find: () => Promise<Entity>,
  { acceptsVersion }: Pick<UpdateConditions, 'acceptsVersion'>,
  act: (entity: Entity) => Promise<Outcome | undefined>,
): Promise<Outcome> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const entity = await find()
    if (!acceptsVersion(entity.version)) {
      throw new PreconditionFailed('The object has changed since you read it: If-Match names another version.')
    }
    const outcome = await act(entity)
    if (outcome !== undefined) return outcome
  }
  throw new Conflict('Other requests are changing the object at the same time. Try again.')
}
