import type { Config } from '../../config/config.ts'
import type { Rotation } from '../../keys/key-set.ts'
import type { Logger } from '../logger.ts'
import { createServices, type Postgres } from '../create-services.ts'

/** Rotates the keys and closes the database. Running servers reload their keys by notification. */
export async function rotateKeys(rotation: Rotation, config: Config, log: Logger, postgres: Postgres): Promise<void> {
  const services = await createServices(config, log, { connection: postgres.connection, poolSize: config.poolSize })
  const unchanged = await services.signer.rotate(rotation)
  process.stdout.write(
    'The next signing keys are in use, or will be as soon as every verifier can know them (five minutes); the old ones stay published until their last token has expired.\n',
  )
  if (unchanged.length > 0) {
    const algorithms = unchanged.map(({ alg }) => alg).join(', ')
    process.stdout.write(
      `The keys of ${algorithms} stay: they were replaced or published less than five minutes ago. --now replaces them at once.\n`,
    )
  }
  await services.close()
  await postgres.stop()
}
