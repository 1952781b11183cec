import { queueTestMail, type MailManagement } from '../../mail/manage-mails.ts'
import { chooseLocale } from '../../pages/messages/locale.ts'
import { adminOperation } from '../operation.ts'
import { mailSchema, MAILS_PATH, MAILS_TAG, representMail } from './mail.ts'

export const sendTestMailOperation = (services: MailManagement) =>
  adminOperation({
    method: 'POST',
    path: `${MAILS_PATH}/test`,
    operationId: 'sendTestMail',
    tag: MAILS_TAG,
    permission: 'organisation:update',
    summary: 'Send a test mail to yourself',
    description: 'In the language of Accept-Language. The mail is queued; the list shows whether it was sent.',
    schema: { response: { 202: mailSchema } },
    errors: [409],
    async handle({ context, request, reply }) {
      const language = chooseLocale(undefined, request.headers['accept-language'])
      return reply.status(202).send(representMail(await queueTestMail(services, context, language)))
    },
  })
