import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { composeMessage } from './compose-message.ts'
import type { MailTransport } from './mail-transport.ts'

/** Writes each mail as a file `….eml` into the directory, which only the server's account can read. */
export function createFileTransport(directory: string): MailTransport {
  return {
    async send(message) {
      const { createTransport } = await import('nodemailer')
      const composed = await createTransport({ streamTransport: true, buffer: true }).sendMail(composeMessage(message))
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const [id = ''] = message.messageId.replace('<', '').split('@')
      await writeFile(join(directory, `${id}.eml`), composed.message as Buffer, { mode: 0o600 })
    },
  }
}

/** Writes the text of each mail, with its link, into the log. For development only. */
export function createLogTransport(log: { info(facts: object, message: string): void }): MailTransport {
  return {
    send({ to, subject, text }) {
      log.info({ recipient: to, subject, text }, 'mail')
      return Promise.resolve()
    },
  }
}
