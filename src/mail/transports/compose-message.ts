import type { MailMessage } from './mail-transport.ts'

/**
 * The message for the library. The envelope is stated, so that no header decides where the mail goes, and no part of it is
 * read from a file or a URL.
 */
export function composeMessage({ messageId, date, from, to, subject, html, text }: MailMessage) {
  return {
    messageId,
    date,
    from: { name: from.name ?? '', address: from.address },
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject,
    html,
    text,
    // RFC 3834 §5: no automatic replies.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
