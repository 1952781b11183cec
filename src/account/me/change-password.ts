import { z } from 'zod'
import { changePassword, type PasswordChangeServices } from '../../authentication/change-password.ts'
import { unauthorized } from '../../http/errors/problem.ts'
import { clientDisconnectSignal } from '../../http/request/client-disconnect.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { accountOperation, sessionOf } from './access.ts'

const password = z.string({ error: 'must be a string' }).min(1, 'must not be empty')

export const changePasswordOperation = (services: PasswordChangeServices) =>
  accountOperation({
    method: 'POST',
    path: '/v1/me/password',
    operationId: 'changePassword',
    firstPartyOnly: true,
    sessionOnly: true,
    summary: 'Change your password',
    description:
      'Ends your other sessions and revokes everything issued in them. The new password has at least 8 characters and at most 1024 bytes, and is not a common one. The organisation may require more.',
    schema: {
      body: z.strictObject(
        { currentPassword: password, newPassword: password },
        { error: 'must be a JSON object with the members currentPassword and newPassword' },
      ),
      response: { 204: z.null().describe('Changed.') },
    },
    errorStatuses: [400, 401, 403, 409],
    example: { currentPassword: 'YOUR-PASSWORD', newPassword: 'YOUR-NEW-PASSWORD' },
    async handle({ context: caller, request, reply }) {
      const change = {
        ...request.body,
        userId: caller.userId,
        organisationId: caller.organisationId,
        sessionId: sessionOf(caller),
        requestMetadata: requestMetadata(request),
        signal: clientDisconnectSignal(reply),
      }
      if (!(await changePassword(services, change))) throw unauthorized('Sign in first.')
      return reply.status(204).send(null)
    },
  })
