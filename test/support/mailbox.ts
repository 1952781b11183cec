// A mail server in this process, which keeps what it accepts.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { createSmtpTransport } from '../../src/mail/transports/smtp-transport.ts'
import type { MailTransport } from '../../src/mail/transports/mail-transport.ts'
import { eventually } from './eventually.ts'

export interface ReceivedMail {
  /** The envelope. */
  from: string
  recipients: string[]
  headers: Record<string, string>
  text: string
  html: string
  raw: string
}

export interface Mailbox {
  transport: MailTransport
  mails: ReceivedMail[]
  /** Replies to the next recipients, in order; undefined accepts. */
  refusals: ({ code: number; message: string } | undefined)[]
  /** The next mail to this address that no call has returned yet. */
  next(recipient: string): Promise<ReceivedMail>
  close(): Promise<void>
}

export async function openMailbox(): Promise<Mailbox> {
  const mails: ReceivedMail[] = []
  const refusals: Mailbox['refusals'] = []
  const returned = new Set<ReceivedMail>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onRcptTo(_address, _session, done) {
      const refusal = refusals.shift()
      done(refusal && Object.assign(new Error(refusal.message), { responseCode: refusal.code }))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const recipients = rcptTo.map(({ address }) => address)
        mails.push({ from, recipients, ...parseMail(Buffer.concat(chunks).toString('utf8')) })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    transport: createSmtpTransport({ host: '127.0.0.1', port, user: undefined, password: undefined, tls: 'off' }),
    mails,
    refusals,
    async next(recipient) {
      const find = () => mails.find((mail) => !returned.has(mail) && mail.recipients.includes(recipient))
      const mail = await eventually(find, (found) => found !== undefined)
      if (!mail) throw new Error(`No mail to ${recipient}`)
      returned.add(mail)
      return mail
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The first address of a mail that begins like this, as a path. */
export function linkIn({ text }: ReceivedMail, start: string): string {
  const link = text.split(/\s+/).find((word) => word.startsWith(start))
  if (link === undefined) throw new Error(`No link ${start} in: ${text}`)
  const { pathname, search } = new URL(link)
  return pathname + search
}

/** The code of a mail that can be typed. */
export function codeIn({ text }: ReceivedMail): string {
  const code = /^[A-Z]{4}-[A-Z]{4}$/m.exec(text)?.[0]
  if (code === undefined) throw new Error(`No code in: ${text}`)
  return code
}

function parseMail(raw: string): Pick<ReceivedMail, 'headers' | 'text' | 'html' | 'raw'> {
  const { headers, body } = splitPart(raw)
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body.split(`--${boundary}`).map((part) => splitPart(part.replace(/^\r\n/, '')))
  const textOf = (type: string) => {
    const part = parts.find(({ headers: own }) => (own['content-type'] ?? '').startsWith(type))
    return part === undefined ? '' : decode(part.body, part.headers['content-transfer-encoding'])
  }
  return { headers, text: textOf('text/plain'), html: textOf('text/html'), raw }
}

function splitPart(part: string): { headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = part.split('\r\n\r\n')
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') }
}

function decode(body: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n')
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n')
  const joined = body.replaceAll(/=\r?\n/g, '')
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}
