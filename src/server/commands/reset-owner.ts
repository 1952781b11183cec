import { createPasswords } from '../../authentication/factors/password/passwords.ts'
import type { Owner } from '../../model/organisations/owner.ts'
import { resetOwner } from '../../organisations/reset-owner.ts'
import { connectDatabase } from '../../storage/db/database.ts'
import { createOwnerRepository } from '../../storage/organisations/owners.ts'
import type { Postgres } from '../create-services.ts'
import type { Logger } from '../logger.ts'
import { openClock } from '../startup/open-clock.ts'
import { StartupError } from '../startup/startup-error.ts'

/**
 * Gives the owner a new password and prints it. Needs the database only, so it works beside a running server and without
 * the master key. Throws `StartupError` if it is not clear which user is meant.
 */
export async function runOwnerReset(
  { email }: { email: string | undefined },
  log: Logger,
  postgres: Postgres,
): Promise<void> {
  const database = connectDatabase({ connection: postgres.connection, poolSize: 2, onError: () => {} })
  const result = await resetOwner({
    owners: createOwnerRepository(database.pool),
    clock: await openClock(database, log),
    hashPassword: createPasswords(1).hash,
    email,
  })
  if (result.outcome === 'reset') {
    const { owner, password, endedSessions, revokedGrants } = result
    process.stdout.write(
      [
        `The owner of the organisation "${owner.organisationSlug}" has a new password:`,
        `  E-mail     ${owner.email}`,
        `  Password   ${password}   (shown this once)`,
        `Ended sessions: ${endedSessions}. Revoked grants: ${revokedGrants}.`,
        '',
      ].join('\n'),
    )
  }
  await database.close()
  await postgres.stop()
  if (result.outcome === 'ambiguous') {
    throw new StartupError(`Several users are owners. Name one with --email:\n${listOf(result.owners)}`)
  }
  if (result.outcome === 'unknown') {
    throw new StartupError(
      result.owners.length === 0
        ? 'The database has no owner. Start the server: it creates one in an empty database.'
        : `No owner has this e-mail address. The owners are:\n${listOf(result.owners)}`,
    )
  }
}

function listOf(owners: readonly Owner[]): string {
  return owners.map(({ email, organisationSlug }) => `  ${email} (${organisationSlug})`).join('\n')
}
