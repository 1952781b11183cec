// `mail` owns the mails that the server sends: their texts, their queue and the transports.
// A mail is composed by the room whose act causes it, and stored by the repository in the transaction of that act.
// What a mail says is encrypted until it is sent, and then deleted.

import type { AttemptRateLimiter } from '../http/rate-limit/rate-limiters.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import { deriveKey } from '../lib/crypto/hash.ts'
import { createSealer, type Sealer } from '../lib/crypto/sealer.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { MailTemplate, OutgoingMail } from '../model/mail/outgoing-mail.ts'
import { toEmailKey } from '../model/users/user.ts'
import type { MailParameters } from './templates/mail-content.ts'

/** Limits of mails, so that no caller can flood a mailbox or use up the reputation of the server. */
export interface MailLimits {
  /** By address. */
  recipient: Pick<AttemptRateLimiter, 'consume'>
  /** By organisation. */
  organisation: Pick<AttemptRateLimiter, 'consume'>
}

export interface MailRequest<Template extends MailTemplate> {
  template: Template
  organisationId: string
  userId?: string | undefined
  recipient: string
  language: string
  parameters: MailParameters[Template]
  usableUntil: Date
}

export interface Mailer {
  /** Whether mails are sent. Without a transport, links are shown to the callers instead. */
  readonly isEnabled: boolean
  /** Counts a mail before it is composed. Throws `TooManyRequests`. */
  admit(mail: { recipient: string; organisationId: string }): Promise<void>
  /** A mail for a repository to store. */
  compose<Template extends MailTemplate>(request: MailRequest<Template>): OutgoingMail
  /** Sends what is queued, in the background. To be called when a mail was stored. */
  flush(): void
}

export interface MailerOptions {
  isEnabled: boolean
  sealer: Pick<Sealer, 'seal'>
  clock: Clock
  flush: () => void
  limits: MailLimits
}

/** Names the row of what a mail says. */
export const sealedMailOf = (id: string) => `outgoing_mails/${id}`

/** Encrypts what mails say, under a key of the server. */
export const createMailSealer = (secret: Uint8Array): Sealer => createSealer([deriveKey(secret, 'mails')])

/** A mail for a repository to store. */
export function composeMail<Template extends MailTemplate>(
  { sealer, clock }: Pick<MailerOptions, 'sealer' | 'clock'>,
  { parameters, ...request }: MailRequest<Template>,
): OutgoingMail {
  const createdAt = clock.now()
  const id = uuidv7(createdAt)
  const sealed = sealer.seal(Buffer.from(JSON.stringify(parameters)), sealedMailOf(id))
  return { id, userId: undefined, ...request, parameters: sealed, createdAt }
}

export function createMailer({ isEnabled, sealer, clock, flush, limits }: MailerOptions): Mailer {
  return {
    isEnabled,
    async admit({ recipient, organisationId }) {
      await limits.recipient.consume(toEmailKey(recipient))
      await limits.organisation.consume(organisationId)
    },
    compose: (request) => composeMail({ sealer, clock }, request),
    flush,
  }
}
