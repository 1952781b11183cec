import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { requestEmailChange } from '../../authentication/recovery/change-email.ts'
import type { PasswordChangeServices } from '../../authentication/change-password.ts'
import { unauthorized } from '../../http/errors/problem.ts'
import { clientDisconnectSignal } from '../../http/request/client-disconnect.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import { accountOperation, sessionOf } from './access.ts'

export const changeEmailOperation = (services: PasswordChangeServices) =>
  accountOperation({
    method: 'POST',
    path: '/v1/me/email',
    operationId: 'changeEmail',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'Change your e-mail address',
    description:
      'Mails a link to the new address. When it is confirmed there, the account has the new address, your other sessions end, and the former address gets a link that undoes the change for 72 hours.',
    schema: {
      body: z.strictObject(
        {
          email: field.validatedString((email) => (isEmailAddress(email) ? undefined : 'must be an e-mail address')),
          currentPassword: z.string({ error: 'must be a string' }).min(1, 'must not be empty'),
        },
        { error: 'must be a JSON object with the members email and currentPassword' },
      ),
      response: { 202: z.object({ message: z.string(), pendingEmail: z.string() }) },
    },
    errorStatuses: [401, 403, 409],
    example: { email: 'ada@example.com', currentPassword: 'YOUR-PASSWORD' },
    async handle({ context: caller, request, reply }) {
      const change = {
        ...request.body,
        userId: caller.userId,
        organisationId: caller.organisationId,
        sessionId: sessionOf(caller),
        acceptLanguage: request.headers['accept-language'],
        requestMetadata: requestMetadata(request),
        signal: clientDisconnectSignal(reply),
      }
      if (!(await requestEmailChange(services, change))) throw unauthorized('Sign in first.')
      const message = 'Confirm the new address by the link that is mailed to it.'
      return reply.status(202).send({ message, pendingEmail: request.body.email })
    },
  })
