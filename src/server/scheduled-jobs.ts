import { chainEvents } from '../audit/chain-events.ts'
import type { Config } from '../config/config.ts'
import { openServerSecret } from '../keys/server-secret.ts'
import { createMailSealer } from '../mail/mailer.ts'
import { announceExpiringApiKeys } from '../users/api-keys/announce-expiring-api-keys.ts'
import { createTxtResolver } from '../safe-fetch/resolve-txt.ts'
import { recheckDomains } from '../users/domains/verify-domain.ts'
import type { Logger } from './logger.ts'
import type { Services } from './create-services.ts'

const KEY_MAINTENANCE_INTERVAL_MS = 600_000
const SWEEP_INTERVAL_MS = 60_000
const CHAIN_INTERVAL_MS = 60_000
const AUDIT_INTERVAL_MS = 3_600_000
const NOTICE_INTERVAL_MS = 3_600_000
const DOMAIN_INTERVAL_MS = 3_600_000

/**
 * Starts the jobs that run at intervals: signing keys are rotated, expired rows are deleted, users are notified of API keys
 * that expire soon, domains are checked, and the audit log is maintained and chained. What they do cannot be undone, so they go
 * by a time that the database itself reported, and wait while the machine's clock contradicts it.
 */
export function startScheduledJobs(
  { clock, repositories, sealer, signer }: Pick<Services, 'clock' | 'repositories' | 'sealer' | 'signer'>,
  { auditRetentionDays, issuer, mail }: Pick<Config, 'auditRetentionDays' | 'issuer' | 'mail'>,
  log: Pick<Logger, 'error' | 'info'>,
): { stop(): void } {
  const guarded = (failure: string, run: () => Promise<void>) => () =>
    void run().catch((error: unknown) => log.error({ err: error }, failure))
  const schedule = (intervalMs: number, failure: string, run: () => Promise<void>) =>
    setInterval(guarded(failure, run), intervalMs)
  /** Runs at the start as well. */
  const scheduleNow = (intervalMs: number, failure: string, run: () => Promise<void>) => {
    guarded(failure, run)()
    return schedule(intervalMs, failure, run)
  }
  const timers = [
    schedule(KEY_MAINTENANCE_INTERVAL_MS, 'failed to maintain signing keys', async () => {
      requireSweepTime(clock)
      await signer.maintain()
    }),
    schedule(SWEEP_INTERVAL_MS, 'failed to delete expired rows', async () =>
      repositories.sweep(requireSweepTime(clock)),
    ),
    schedule(NOTICE_INTERVAL_MS, 'failed to announce expiring API keys', async () => {
      const now = requireSweepTime(clock)
      const secret = await openServerSecret(repositories.serverSecrets, sealer, clock)
      const mailSealer = mail && createMailSealer(secret)
      await announceExpiringApiKeys({ apiKeys: repositories.apiKeys, clock, mailSealer }, now)
    }),
    schedule(DOMAIN_INTERVAL_MS, 'failed to check domains', async () => {
      const now = requireSweepTime(clock)
      await recheckDomains({ domains: repositories.domains, resolveTxt: createTxtResolver(), clock }, now)
    }),
    scheduleNow(AUDIT_INTERVAL_MS, 'failed to maintain the audit log', async () =>
      repositories.maintainAuditLog(requireSweepTime(clock), auditRetentionDays),
    ),
    schedule(CHAIN_INTERVAL_MS, 'failed to chain audit events', async () => {
      requireSweepTime(clock)
      await chainEvents({
        issuer,
        clock,
        auditChain: repositories.auditChain,
        sign: signer.sign,
        onCheckpoint: ({ organisationId, sequence, jws }) =>
          log.info({ organisationId, sequence, checkpoint: jws }, 'audit checkpoint'),
      })
    }),
  ]
  return {
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
  }
}

function requireSweepTime(clock: Services['clock']): Date {
  const time = clock.sweepTime()
  if (time) return time
  throw new Error("The time of the database is unknown, or the machine's clock differs too much from it.")
}
