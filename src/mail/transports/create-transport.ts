import type { MailTransport } from './mail-transport.ts'
import { createFileTransport, createLogTransport } from './local-transports.ts'
import { createSmtpTransport, type SmtpSettings } from './smtp-transport.ts'

export type TransportSettings =
  | ({ kind: 'smtp' } & SmtpSettings)
  | { kind: 'file'; directory: string }
  | { kind: 'log' }

export function createMailTransport(
  settings: TransportSettings,
  log: { info(facts: object, message: string): void },
): MailTransport {
  if (settings.kind === 'smtp') return createSmtpTransport(settings)
  return settings.kind === 'file' ? createFileTransport(settings.directory) : createLogTransport(log)
}
