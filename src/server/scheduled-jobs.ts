import type { Config } from '../config/config.ts'
import type { Logger } from './logger.ts'
import type { Services } from './create-services.ts'

const KEY_MAINTENANCE_INTERVAL_MS = 600_000
const SWEEP_INTERVAL_MS = 60_000

/** What has to be done from time to time, whoever asks for what: keys are exchanged, and what has expired is swept away. */
export function startScheduledJobs(
  { clock, repositories, signer }: Services,
  { auditRetentionDays }: Pick<Config, 'auditRetentionDays'>,
  log: Logger,
): { stop(): void } {
  const schedule = (ms: number, jobName: string, run: () => Promise<void>) =>
    setInterval(() => void run().catch((error: unknown) => log.error({ err: error }, `${jobName} failed`)), ms)
  const timers = [
    schedule(KEY_MAINTENANCE_INTERVAL_MS, 'key maintenance', () => signer.maintain()),
    schedule(SWEEP_INTERVAL_MS, 'sweeping', () => repositories.sweep(clock.now(), auditRetentionDays)),
  ]
  return {
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
