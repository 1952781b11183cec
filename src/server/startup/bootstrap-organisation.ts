import { createPasswords } from '../../authentication/factors/password/passwords.ts'
import type { Config } from '../../config/config.ts'
import { bootstrapFirstOrganisation, type BootstrappedOrganisation } from '../../organisations/bootstrap.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { Repositories } from '../../storage/repositories.ts'

/** Creates the first organisation with its owner when the database is empty, and applies the session lifetimes. */
export async function bootstrapOrganisation(
  { clock, repositories }: { clock: Clock; repositories: Pick<Repositories, 'bootstrap' | 'organisations'> },
  { bootstrap, sessionLifetimes }: Pick<Config, 'bootstrap' | 'sessionLifetimes'>,
): Promise<BootstrappedOrganisation | undefined> {
  const bootstrapped = await bootstrapFirstOrganisation({
    repository: repositories.bootstrap,
    clock,
    hashPassword: createPasswords(1).hash,
    settings: bootstrap,
    sessionLifetimes,
  })
  await repositories.organisations.setSessionLifetimes(sessionLifetimes)
  return bootstrapped
}
