import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { ForgottenPasswordServices } from '../../authentication/recovery/forgot-password.ts'
import { LinkUnavailable } from '../../authentication/recovery/mailed-links.ts'
import { redeemTypedCode, type PasswordResetServices } from '../../authentication/recovery/reset-password.ts'
import { requestEmailVerification, verifyEmail } from '../../authentication/recovery/verify-email.ts'
import { validationError } from '../../http/errors/problem.ts'
import { noSecurity } from '../../http/json-api/operation.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { isEmailAddress } from '../../lib/text/email-address.ts'
import { authOperation } from '../auth/access.ts'
import { linkTo } from './verify-email-page.http.ts'

const messageSchema = z.object({ message: z.string() })
const text = (max: number) =>
  z.string({ error: 'must be a string' }).max(max, { error: `must have at most ${max} characters` })

export const sendVerificationEmailOperation = (services: ForgottenPasswordServices) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/send-verification-email',
    operationId: 'sendVerificationEmail',
    security: noSecurity,
    summary: 'Mail a link to verify an address',
    description: 'The response is the same for every address, with or without an account, verified or not.',
    schema: {
      body: z.strictObject(
        { email: field.validatedString((email) => (isEmailAddress(email) ? undefined : 'must be an e-mail address')) },
        { error: 'must be a JSON object with the member email' },
      ),
      response: { 200: messageSchema },
    },
    errorStatuses: [400, 403],
    example: { email: 'ada@example.com' },
    async handle({ request }) {
      await requestEmailVerification(services, {
        email: request.body.email,
        network: request.clientAddress.network,
        acceptLanguage: request.headers['accept-language'],
        requestMetadata: requestMetadata(request),
      })
      return { message: 'If the address has an account and is not verified, it gets a mail with a link.' }
    },
  })

/** Accepts links from other sites: that is where mails are read. */
export const openVerificationLinkOperation = () =>
  authOperation({
    method: 'GET',
    path: '/v1/auth/verify-email',
    operationId: 'openVerificationLink',
    security: noSecurity,
    summary: 'Open the page that verifies an address',
    description: 'Changes nothing, because programs that scan mails open links: the page asks to confirm.',
    schema: {
      querystring: z.object({ token: text(200).describe('Of the link in the mail.') }),
      response: { 303: z.null().describe('To the page.') },
    },
    errorStatuses: [],
    handle: async ({ request, reply }) => reply.status(303).header('location', linkTo(request.query.token)).send(null),
  })

export const verifyEmailOperation = (services: PasswordResetServices) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/verify-email',
    operationId: 'verifyEmail',
    security: noSecurity,
    summary: 'Verify an address with a mailed link or code',
    schema: {
      body: z.strictObject(
        {
          token: text(200).optional().describe('Of the link.'),
          email: text(320).optional().describe('With code, instead of a token: the address that the mail was sent to.'),
          code: text(40).optional().describe('The code in the mail.'),
        },
        { error: 'must be a JSON object with the member token, or email and code' },
      ),
      response: { 200: messageSchema },
    },
    errorStatuses: [],
    example: { token: 'TOKEN' },
    async handle({ request }) {
      const { token, email, code } = request.body
      const { network } = request.clientAddress
      const invalid = (member: string, message: string) =>
        validationError([{ path: [member], code: 'custom', message }])
      if (token === undefined && (email === undefined || code === undefined)) {
        throw invalid('token', 'must be sent, or email and code')
      }
      try {
        await services.recoveryAttempts.consume(network)
        const proof =
          token ??
          (await redeemTypedCode(services, 'email_verification', { email: email ?? '', code: code ?? '', network }))
        await verifyEmail(services, proof, requestMetadata(request))
        return { message: 'The address is verified.' }
      } catch (error) {
        if (error instanceof LinkUnavailable) throw invalid(token === undefined ? 'code' : 'token', error.message)
        throw error
      }
    },
  })
