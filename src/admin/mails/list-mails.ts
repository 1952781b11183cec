import { z } from 'zod'
import { mailStatuses, mailTemplates } from '../../model/mail/outgoing-mail.ts'
import type { MailManagement } from '../../mail/manage-mails.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { mailSchema, MAILS_PATH, MAILS_TAG, representMail } from './mail.ts'

const querySchema = z.object({
  ...pageParameters,
  search: searchParameter.describe('Part of the recipient. Case is ignored.'),
  status: enumParameter(mailStatuses),
  template: enumParameter(mailTemplates),
})

export const listMailsOperation = ({ outgoingMails }: MailManagement) =>
  adminOperation({
    method: 'GET',
    path: MAILS_PATH,
    operationId: 'listMails',
    tag: MAILS_TAG,
    permission: 'organisation:read',
    summary: 'List mails',
    description: 'Newest first, for thirty days, without what they say.',
    schema: { querystring: querySchema, response: { 200: envelopeSchema(mailSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const { status, template } = query
      const search = query.search?.trim() || undefined
      const { mails, total } = await outgoingMails.list({ organisationId, ...page, search, status, template })
      return listEnvelope(mails.map(representMail), total, page)
    },
  })
