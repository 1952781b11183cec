import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { requestPasswordReset, type ForgottenPasswordServices } from '../../authentication/recovery/forgot-password.ts'
import type { Cookies } from '../../http/request/cookies.ts'
import { noSecurity } from '../../http/json-api/operation.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import { authOperation } from '../auth/access.ts'
import { browserHashOf } from './page-forms.ts'

export const forgotPasswordOperation = (services: ForgottenPasswordServices & { cookies: Cookies }) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/forgot-password',
    operationId: 'forgotPassword',
    security: noSecurity,
    summary: 'Mail a link to reset a password',
    description:
      'The response is the same for every address, with or without an account. The link and the code in the mail work once, for an hour; a newer mail replaces them. Without a mail server, no mail is sent.',
    schema: {
      body: z.strictObject(
        { email: field.validatedString((email) => (isEmailAddress(email) ? undefined : 'must be an e-mail address')) },
        { error: 'must be a JSON object with the member email' },
      ),
      response: { 200: z.object({ message: z.string() }) },
    },
    errorStatuses: [400, 403],
    example: { email: 'ada@example.com' },
    async handle({ request }) {
      await requestPasswordReset(services, {
        email: request.body.email,
        network: request.clientAddress.network,
        browserHash: browserHashOf(services, request),
        request: undefined,
        acceptLanguage: request.headers['accept-language'],
        requestMetadata: requestMetadata(request),
      })
      return { message: 'If the address has an account, it gets a mail with a link to choose another password.' }
    },
  })
