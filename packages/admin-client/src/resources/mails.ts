import { type ApiRequest, type Query, withQuery } from '../transport/request.ts'
import type { Page } from './paging.ts'

const MAILS_PATH = '/v1/admin/mails'

/** A mail of the queue, without what it says. Times are ISO 8601. */
export interface Mail {
  id: string
  organisationId: string
  userId: string | null
  template: string
  language: string
  recipient: string
  status: 'queued' | 'sent' | 'failed'
  attempts: number
  nextAttemptAt: string | null
  /** Why the last attempt failed. */
  error: string | null
  sentAt: string | null
  createdAt: string
}

export const listMails = (query: Query = {}): ApiRequest<Page<Mail>> => ({
  method: 'GET',
  path: withQuery(MAILS_PATH, query),
})

export const resendMail = (id: string): ApiRequest<Mail> => ({
  method: 'POST',
  path: `${MAILS_PATH}/${encodeURIComponent(id)}/resend`,
})

export const sendTestMail = (): ApiRequest<Mail> => ({ method: 'POST', path: `${MAILS_PATH}/test` })
