import type { Sealer } from '../lib/crypto/sealer.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { LeasedMail, OutgoingMailRepository } from '../model/mail/outgoing-mail.ts'
import { sealedMailOf } from './mailer.ts'
import type { MailParameters } from './templates/mail-content.ts'
import { isMailTemplate, renderMail } from './templates/render-mail.ts'
import { MailRejected, type Mailbox, type MailTransport } from './transports/mail-transport.ts'

export interface MailQueueOptions {
  issuer: string
  clock: Clock
  outgoingMails: Pick<OutgoingMailRepository, 'lease' | 'complete' | 'fail'>
  sealer: Pick<Sealer, 'open'>
  transport: MailTransport
  from: Mailbox
  /** Called with the outcome of each attempt. */
  onAttempt: (outcome: 'sent' | 'retried' | 'failed') => void
  log: { warn(facts: object, message: string): void; error(facts: object, message: string): void }
}

/** Sends queued mails in the background. */
export interface MailQueue {
  /** Sends mails that are due, up to the concurrency limit. Never fails. */
  flush(): void
  /** Starts no more attempts; resolves when those in progress have ended. */
  stop(): Promise<void>
}

/** Seconds between attempts; the first delay is longer than an attempt can take. The last attempt has no successor. */
const RETRY_DELAYS_SECONDS = [120, 600, 1_800, 7_200, 21_600, 43_200, 86_400, 120]
const MAX_CONCURRENT_MAILS = 4
const MAX_ERROR_LENGTH = 300

/**
 * Sends the mails of all organisations. Every process can: a mail is leased, so only one process tries it at a time. A mail
 * whose acceptance was not recorded is sent again with the same Message-ID.
 */
export function createMailQueue(options: MailQueueOptions): MailQueue {
  const { issuer, clock, outgoingMails, sealer, transport, from, onAttempt, log } = options
  const server = new URL(issuer).host
  const inFlight = new Set<Promise<void>>()
  let isStopped = false
  let leasePromise: Promise<void> | undefined
  let flushRequested = false

  async function send(mail: LeasedMail): Promise<void> {
    if (!isMailTemplate(mail.template)) throw new MailRejected('This release does not know the template.')
    if (mail.usableUntil <= clock.now()) throw new MailRejected('The links of the mail have expired.')
    const parameters = JSON.parse(sealer.open(mail.parameters, sealedMailOf(mail.id)).toString()) as never
    const rendered = renderMail(mail.template, mail.language, parameters as MailParameters['test'], server)
    await transport.send({
      messageId: `<${mail.id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
      date: mail.createdAt,
      from,
      to: mail.recipient,
      ...rendered,
    })
  }

  async function attempt(mail: LeasedMail): Promise<void> {
    try {
      await send(mail)
    } catch (error) {
      const reason = (error instanceof Error ? error.message : 'The mail could not be sent.').slice(0, MAX_ERROR_LENGTH)
      const isFinal = error instanceof MailRejected || mail.attempt >= RETRY_DELAYS_SECONDS.length
      log.warn({ mailId: mail.id, attempt: mail.attempt, reason }, 'failed to send a mail')
      onAttempt(isFinal ? 'failed' : 'retried')
      return outgoingMails.fail(mail, { error: reason, isFinal }, clock.now())
    }
    onAttempt('sent')
    return outgoingMails.complete(mail, clock.now())
  }

  function start(mail: LeasedMail): void {
    const attempted = attempt(mail)
      .catch((error: unknown) => log.error({ err: error }, 'failed to record that a mail was sent'))
      .finally(() => {
        inFlight.delete(attempted)
        flush()
      })
    inFlight.add(attempted)
  }

  async function leaseDue(): Promise<void> {
    do {
      flushRequested = false
      const free = MAX_CONCURRENT_MAILS - inFlight.size
      if (isStopped || free <= 0) return
      const leased = await outgoingMails.lease(RETRY_DELAYS_SECONDS, free, clock.now())
      leased.forEach(start)
    } while (flushRequested)
  }

  function flush(): void {
    if (isStopped) return
    flushRequested = true
    leasePromise ??= leaseDue()
      .catch((error: unknown) => log.error({ err: error }, 'failed to read queued mails'))
      .finally(() => {
        leasePromise = undefined
        // flush may have been called after the last lease.
        if (flushRequested && inFlight.size < MAX_CONCURRENT_MAILS) flush()
      })
  }

  return {
    flush,
    async stop() {
      isStopped = true
      await leasePromise
      await Promise.all(inFlight)
    },
  }
}
