import { listMails, type Mail, resendMail, sendTestMail } from 'cerberus-idp-admin-client'
import { anyResource, type Resource } from '../resource.ts'

const resource: Resource<Mail> = {
  noun: 'mail',
  plural: 'mails',
  help: 'mails that the server sends, without what they say',
  columns: [
    { member: 'recipient', isIdentifier: true },
    'template',
    'status',
    'createdAt',
    'attempts',
    'error',
    { member: 'id', isIdentifier: true },
  ],
  idOf: ({ id }) => id,
  namesOf: ({ recipient }) => [recipient],
  list: listMails,
  listExample: '--status failed',
  filters: [
    { name: 'search', usage: '--search <text>', help: 'part of the recipient' },
    {
      name: 'status',
      usage: '--status <status>',
      help: 'only mails with this status',
      choices: ['queued', 'sent', 'failed'],
    },
    { name: 'template', usage: '--template <template>', help: 'only mails of this kind, such as invitation' },
  ],
  fromId: (id) => ({ id }) as Mail,
  acts: [
    {
      verb: 'resend',
      help: 'send a mail now that waits or has failed; a recipient with several of them is named by the id of the mail',
      example: '0190c5a0-1f2e-7d3c-8b4a-5e6f7a8b9c0d',
      request: ({ id }) => resendMail(id),
      done: (title) => `The mail ${title} is queued.`,
    },
  ],
  ownActs: [
    {
      verb: 'test',
      help: 'send a test mail to yourself',
      example: '',
      request: () => sendTestMail(),
      done: (body) => `A test mail to ${(body as Mail).recipient} is queued.`,
    },
  ],
}

export const mails = anyResource(resource)
