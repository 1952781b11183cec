import type { Config } from '../config/config.ts'
import type { Logger } from './logger.ts'
import type { Services } from './create-services.ts'

const KEY_MAINTENANCE_INTERVAL_MS = 600_000
const SWEEP_INTERVAL_MS = 60_000

/** Starts the jobs that run at intervals: signing keys are rotated, and expired rows are deleted. */
export function startScheduledJobs(
  { clock, repositories, signer }: Services,
  { auditRetentionDays }: Pick<Config, 'auditRetentionDays'>,
  log: Logger,
): { stop(): void } {
  const schedule = (intervalMs: number, failure: string, run: () => Promise<void>) =>
    setInterval(() => void run().catch((error: unknown) => log.error({ err: error }, failure)), intervalMs)
  const timers = [
    schedule(KEY_MAINTENANCE_INTERVAL_MS, 'failed to maintain signing keys', () => signer.maintain()),
    schedule(SWEEP_INTERVAL_MS, 'failed to delete expired rows', () =>
      repositories.sweep(clock.now(), auditRetentionDays),
    ),
  ]
  return {
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
