// `admin/mails` owns the operations on the queue of mails. What they do belongs to `mail`.

import type { MailManagement } from '../../mail/manage-mails.ts'
import type { AdminResource } from '../operation.ts'
import { listMailsOperation } from './list-mails.ts'
import { resendMailOperation } from './resend-mail.ts'
import { sendTestMailOperation } from './send-test-mail.ts'

/** `/v1/admin/mails`: the mails that the server sends for the organisation. */
export const mailResource = (services: MailManagement): AdminResource => ({
  operations: [listMailsOperation(services), resendMailOperation(services), sendTestMailOperation(services)],
})
