import { parseArgs } from 'node:util'
import type { Config } from '../config/config.ts'
import { ALL_KEYS, type Rotation } from '../keys/key-set.ts'
import type { Logger } from './logger.ts'
import { StartupError } from './startup-error.ts'
import { createServices, type Postgres } from './create-services.ts'

/**
 * The arguments of `rotate-keys`: `--algorithms RS256,ES256` for some keys only, `--now` to use keys that verifiers have not
 * seen yet. Throws `StartupError` for an unknown algorithm.
 */
export function parseRotationArguments(args: string[]): Rotation {
  const options = { algorithms: { type: 'string' }, now: { type: 'boolean' } } as const
  const { values } = parseArgs({ args, options })
  const requested = values.algorithms?.split(',')
  const unknown = requested?.filter((name) => !ALL_KEYS.algorithms.some((alg) => alg === name)) ?? []
  if (unknown.length > 0) {
    throw new StartupError(`Unknown algorithm ${unknown.join(', ')}. Keys exist for ${ALL_KEYS.algorithms.join(', ')}.`)
  }
  const algorithms = ALL_KEYS.algorithms.filter((alg) => requested?.includes(alg) ?? true)
  return { algorithms, when: values.now ? 'now' : 'known' }
}

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
