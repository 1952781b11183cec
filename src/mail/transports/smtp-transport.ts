import { composeMessage } from './compose-message.ts'
import { MailRejected, type MailTransport } from './mail-transport.ts'

export interface SmtpSettings {
  host: string
  port: number
  user: string | undefined
  password: string | undefined
  /** `implicit`: from the first byte. `required` and `optional`: STARTTLS (RFC 3207). */
  tls: 'implicit' | 'required' | 'optional' | 'off'
}

const CONNECTION_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 15_000
/** Shorter than the first delay between attempts, so that no other process sends the mail as well. */
export const SEND_TIMEOUT_MS = 60_000

/** Sends mails by SMTP, each by a connection of its own. The library is loaded with the first mail. */
export function createSmtpTransport({ host, port, user, password, tls }: SmtpSettings): MailTransport {
  return {
    async send(message) {
      const { createTransport } = await import('nodemailer')
      const transport = createTransport({
        host,
        port,
        secure: tls === 'implicit',
        requireTLS: tls === 'required',
        ignoreTLS: tls === 'off',
        ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        greetingTimeout: CONNECTION_TIMEOUT_MS,
        socketTimeout: IDLE_TIMEOUT_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      try {
        await withTimeout(transport.sendMail(composeMessage(message)))
      } catch (error) {
        if (isRejection(error)) throw new MailRejected(error.message, { cause: error })
        throw error
      } finally {
        transport.close()
      }
    },
  }
}

/** A refusal of the recipient or the content. What is wrong with the connection or the sign-in may be mended. */
function isRejection(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  const concernsMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  return concernsMail && typeof responseCode === 'number' && responseCode >= 500
}

async function withTimeout(sending: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The mail server did not accept the mail in time.')), SEND_TIMEOUT_MS)
  })
  try {
    await Promise.race([sending, timeout])
  } finally {
    clearTimeout(timer)
  }
}
