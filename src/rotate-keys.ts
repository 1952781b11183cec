import { parseArgs } from 'node:util'
import type { Config } from './config/config.ts'
import { everyKey, type Rotation } from './keys/key-set.ts'
import type { Logger } from './logger.ts'
import { StartFailure } from './serve.ts'
import { openServices, type Postgres } from './services.ts'

/**
 * What the command line of `rotate-keys` asks for: `--algorithms RS256,ES256` for some only, `--now` for keys that nobody
 * has seen. Throws a `StartFailure` where it names others.
 */
export function readRotation(args: string[]): Rotation {
  const options = { algorithms: { type: 'string' }, now: { type: 'boolean' } } as const
  const { values } = parseArgs({ args, options })
  const names = values.algorithms?.split(',')
  const unknown = names?.filter((name) => !everyKey.algorithms.some((alg) => alg === name)) ?? []
  if (unknown.length > 0) {
    throw new StartFailure(`There are no keys for ${unknown.join(', ')}, only for ${everyKey.algorithms.join(', ')}.`)
  }
  const algorithms = everyKey.algorithms.filter((alg) => names?.includes(alg) ?? true)
  return { algorithms, when: values.now ? 'now' : 'known' }
}

/** Rotates, and ends what it was given. Servers that run hear of it. */
export async function rotateKeys(rotation: Rotation, config: Config, log: Logger, postgres: Postgres): Promise<void> {
  const services = await openServices(config, log, { connection: postgres.connection, poolSize: config.poolSize })
  await services.signer.rotate(rotation)
  process.stdout.write(
    'The next signing keys are in use, or will be as soon as every verifier can know them (five minutes); the old ones stay published until their last token has expired.\n',
  )
  await services.close()
  await postgres.stop()
}
