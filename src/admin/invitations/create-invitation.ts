import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import { chooseLocale, locales } from '../../pages/messages/locale.ts'
import { deliveries, invite, type InvitationManagement } from '../../users/invitations/manage-invitations.ts'
import { adminOperation } from '../operation.ts'
import {
  expiresInDays,
  INVITATIONS_PATH,
  INVITATIONS_TAG,
  issuedInvitationSchema,
  representIssuedInvitation,
} from './invitation.ts'

const id = (what: string) => z.uuid({ error: `must be the id of a ${what}` })

/** How the links are sent. */
export const deliveryMembers = {
  deliver: z
    .enum(deliveries, { error: `must be ${deliveries.join(' or ')}` })
    .optional()
    .describe('Default: mail, where the server sends mail.'),
  language: z
    .enum(locales, { error: `must be one of ${locales.join(', ')}` })
    .optional()
    .describe('Of the mail. Default: by Accept-Language.'),
}

const newInvitationSchema = z.strictObject(
  {
    email: field.validatedString((email) => (isEmailAddress(email) ? undefined : 'must be an e-mail address')),
    roleId: id('role').optional().describe('Another way to name one role.'),
    roleIds: field.listOf(id('role')).default([]).describe('Default: the default role of the organisation.'),
    teamIds: field.listOf(id('team')).default([]),
    expiresInDays,
    ...deliveryMembers,
  },
  { error: 'must be a JSON object' },
)

export const createInvitationOperation = (services: InvitationManagement) =>
  adminOperation({
    method: 'POST',
    path: INVITATIONS_PATH,
    operationId: 'createInvitation',
    tag: INVITATIONS_TAG,
    permission: 'invitations:create',
    summary: 'Invite a person to the organisation',
    description:
      'The server mails the link to the person, who chooses a name and a password. Where it sends no mail, or with deliver link, the link is in this response, and in no other: send it yourself. You must hold the permissions of the roles.',
    schema: { body: newInvitationSchema, response: { 201: issuedInvitationSchema } },
    errors: [400, 409],
    example: { email: 'grace@example.com', expiresInDays: 7 },
    async handle({ context, request, reply }) {
      const { roleId, roleIds, deliver, language, ...wanted } = request.body
      const named = [...new Set([...(roleId === undefined ? [] : [roleId]), ...roleIds])]
      const delivery = {
        deliver,
        language: language ?? chooseLocale(undefined, request.headers['accept-language']),
      }
      const issued = await invite(services, context, { ...wanted, roleIds: named }, delivery)
      return reply
        .status(201)
        .header('location', `${INVITATIONS_PATH}/${issued.invitation.id}`)
        .send(representIssuedInvitation(issued, services.clock.now()))
    },
  })
