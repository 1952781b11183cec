import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { LinkUnavailable } from '../../authentication/recovery/mailed-links.ts'
import {
  redeemTypedCode,
  resetPassword,
  type PasswordResetServices,
} from '../../authentication/recovery/reset-password.ts'
import { validationError } from '../../http/errors/problem.ts'
import { noSecurity } from '../../http/json-api/operation.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import { authOperation } from '../auth/access.ts'

const password = field.text(1024).optional()
const text = (max: number) =>
  z.string({ error: 'must be a string' }).max(max, { error: `must have at most ${max} characters` })

const bodySchema = z.strictObject(
  {
    token: text(200).optional().describe('Of the link.'),
    email: text(320).optional().describe('With code, instead of a token: the address that the mail was sent to.'),
    code: text(40).optional().describe('The code in the mail.'),
    password: password.describe('The new password.'),
    newPassword: password.describe('Another name of password.'),
    revokeApiKeys: z
      .boolean({ error: 'must be true or false' })
      .default(false)
      .describe('Whether the API keys of the user end as well.'),
    removePasskeys: z
      .boolean({ error: 'must be true or false' })
      .default(false)
      .describe('Whether the passkeys of the user are removed as well.'),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const resetPasswordOperation = (services: PasswordResetServices) =>
  authOperation({
    method: 'POST',
    path: '/v1/auth/reset-password',
    operationId: 'resetPassword',
    security: noSecurity,
    summary: 'Set a new password with a mailed link or code',
    description:
      'All sessions of the user end, and everything issued to them is revoked. The user is not signed in. The response lists the API keys and passkeys that still work.',
    schema: {
      body: bodySchema,
      response: {
        200: z.object({
          message: z.string(),
          apiKeys: z
            .array(z.object({ id: z.string(), name: z.string(), prefix: z.string() }))
            .describe('Other ways in that still exist.'),
          passkeys: z.array(z.object({ id: z.string(), name: z.string() })).describe('The same.'),
        }),
      },
    },
    errorStatuses: [400, 403],
    example: { token: 'TOKEN', password: 'YOUR-NEW-PASSWORD' },
    async handle({ request }) {
      const { revokeApiKeys, removePasskeys } = request.body
      const { network } = request.clientAddress
      const newPassword = passwordOf(request.body)
      try {
        const token = await tokenOf(services, request.body, network)
        const reset = {
          token,
          password: newPassword,
          revokeApiKeys,
          removePasskeys,
          network,
          requestMetadata: requestMetadata(request),
        }
        const { apiKeys, passkeys } = await resetPassword(services, reset)
        const names = passkeys.map(({ id, name }) => ({ id, name }))
        return { message: 'The password is changed. Sign in with it.', apiKeys, passkeys: names }
      } catch (error) {
        if (error instanceof LinkUnavailable) throw invalid('code' in request.body ? 'code' : 'token', error.message)
        throw error
      }
    },
  })

type Body = z.output<typeof bodySchema>

function passwordOf({ password: one, newPassword: other }: Body): string {
  if (one !== undefined && other !== undefined) throw invalid('newPassword', 'must not be sent beside password')
  const chosen = one ?? other
  if (chosen === undefined) throw invalid('password', 'must be sent')
  return chosen
}

async function tokenOf(
  services: PasswordResetServices,
  { token, email, code }: Body,
  network: string,
): Promise<string> {
  if (token !== undefined && code !== undefined) throw invalid('code', 'must not be sent beside token')
  if (token !== undefined) return token
  if (email === undefined || code === undefined) throw invalid('token', 'must be sent, or email and code')
  return redeemTypedCode(services, 'password_reset', { email, code, network })
}

function invalid(member: string, message: string) {
  return validationError([{ path: [member], code: 'custom', message }])
}
