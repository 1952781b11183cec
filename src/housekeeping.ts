import type { Config } from './config/config.ts'
import type { Logger } from './logger.ts'
import type { Services } from './services.ts'

const KEY_MAINTENANCE_MS = 600_000
const SWEEP_MS = 60_000

/** What has to be done from time to time, whoever asks for what: keys are exchanged, and what has expired is swept away. */
export function keepHouse(
  { clock, repositories, signer }: Services,
  { auditRetentionDays }: Pick<Config, 'auditRetentionDays'>,
  log: Logger,
): { stop(): void } {
  const every = (ms: number, what: string, work: () => Promise<void>) =>
    setInterval(() => void work().catch((error: unknown) => log.error({ err: error }, `${what} failed`)), ms)
  const chores = [
    every(KEY_MAINTENANCE_MS, 'key maintenance', () => signer.maintain()),
    every(SWEEP_MS, 'sweeping', () => repositories.sweep(clock.now(), auditRetentionDays)),
  ]
  return {
    stop() {
      for (const chore of chores) clearInterval(chore)
    },
  }
}
