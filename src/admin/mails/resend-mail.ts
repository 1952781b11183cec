import { z } from 'zod'
import { requeueMail, type MailManagement } from '../../mail/manage-mails.ts'
import { adminOperation } from '../operation.ts'
import { mailSchema, MAILS_PATH, MAILS_TAG, representMail } from './mail.ts'

export const resendMailOperation = (services: MailManagement) =>
  adminOperation({
    method: 'POST',
    path: `${MAILS_PATH}/:id/resend`,
    operationId: 'resendMail',
    tag: MAILS_TAG,
    permission: 'organisation:update',
    summary: 'Send a mail that waits or has failed',
    description: 'At once, to the same recipient. A mail that was sent cannot be sent again: its links are not stored.',
    schema: {
      params: z.object({ id: z.uuid({ error: 'must be the id of a mail' }) }),
      response: { 200: mailSchema },
    },
    errors: [400, 404, 409],
    async handle({ context, request }) {
      return representMail(await requeueMail(services, context, request.params.id))
    },
  })
