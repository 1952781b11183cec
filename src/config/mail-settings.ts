import { join } from 'node:path'
import type { Environment } from './environment-schema.ts'
import type { Mailbox } from './mailbox.ts'

/** How mails are sent. Undefined in the configuration: they are not. */
export interface MailSettings {
  from: Mailbox
  transport:
    | {
        kind: 'smtp'
        host: string
        port: number
        user: string | undefined
        password: string | undefined
        tls: 'implicit' | 'required' | 'optional' | 'off'
      }
    | { kind: 'file'; directory: string }
    | { kind: 'log' }
}

const IMPLICIT_TLS_PORT = 465

/** Reads the variables of mail, and adds what is wrong with them to `problems`. */
export function readMailSettings(env: Environment, problems: string[], production: boolean): MailSettings | undefined {
  const { EMAIL_FROM: from, SMTP_HOST: host, SMTP_PORT: port, SMTP_USER: user, SMTP_PASS: password } = env
  const kind = env.MAIL_TRANSPORT ?? (host === undefined ? 'none' : 'smtp')
  if (kind === 'none') return undefined
  const found = problems.length
  if (from === undefined && !problems.some((problem) => problem.startsWith('EMAIL_FROM '))) {
    problems.push('EMAIL_FROM must be set to send mail')
  }
  if (kind === 'log' && production) {
    problems.push('MAIL_TRANSPORT must not be log in production: the log would contain links that sign in')
  }
  if (kind === 'smtp' && host === undefined) problems.push('SMTP_HOST must be set for MAIL_TRANSPORT=smtp')
  if ((user === undefined) !== (password === undefined)) problems.push('SMTP_USER and SMTP_PASS must be set together')
  if (user !== undefined && env.SMTP_TLS === 'off') {
    problems.push('SMTP_TLS must not be off with SMTP_USER: the password would be sent unencrypted')
  }
  if (problems.length > found || from === undefined) return undefined
  if (kind === 'file') return { from, transport: { kind, directory: join(env.CERBERUS_DATA_DIR, 'mails') } }
  if (kind === 'log' || host === undefined) return { from, transport: { kind: 'log' } }
  // A password is never sent unencrypted.
  const usual = port === IMPLICIT_TLS_PORT ? 'implicit' : user === undefined ? 'optional' : 'required'
  return { from, transport: { kind: 'smtp', host, port, user, password, tls: env.SMTP_TLS ?? usual } }
}
