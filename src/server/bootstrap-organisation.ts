import { createPasswords } from '../authentication/factors/password/passwords.ts'
import type { Config } from '../config/config.ts'
import { bootstrapFirstOrganisation, type BootstrappedOrganisation } from '../organisations/bootstrap.ts'
import type { Services } from './create-services.ts'

/** Creates the first organisation with its owner when the database is empty. */
export function bootstrapOrganisation(
  { clock, repositories }: Services,
  { bootstrap }: Pick<Config, 'bootstrap'>,
): Promise<BootstrappedOrganisation | undefined> {
  return bootstrapFirstOrganisation({
    repository: repositories.bootstrap,
    clock,
    hashPassword: createPasswords(1).hash,
    settings: bootstrap,
  })
}
