// `account/me/mfa` owns the operations under `/v1/me/mfa`: the second factors of the caller.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  confirmTotpEnrolment,
  disableSecondFactors,
  replaceRecoveryCodes,
  startTotpEnrolment,
  type FactorOwner,
  type SecondFactorManagement,
} from '../../../authentication/second-factor/manage-second-factors.ts'
import { isSecondFactorCode } from '../../../authentication/second-factor/prove-second-factor.ts'
import { requestMetadata } from '../../../http/request/request-metadata.ts'
import type { UserRepository } from '../../../model/users/user.ts'
import { accountOperation, type AccountOperation } from '../access.ts'
import type { AccountCaller } from '../caller.ts'
import { accountOf, requireProfile } from '../profile.ts'

export interface MfaServices extends SecondFactorManagement {
  users: Pick<UserRepository, 'findProfile'>
}

const MFA_PATH = '/v1/me/mfa'

const token = z
  .string({ error: 'must be a string' })
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
const appCode = z.strictObject(
  { token: token.describe('The six digits that the authenticator app shows.') },
  { error: 'must be a JSON object with the member token' },
)
const anyCode = z.strictObject(
  { token: token.describe('A code of the authenticator app, or a recovery code.') },
  { error: 'must be a JSON object with the member token' },
)
const backupCodes = z.array(z.string()).describe('Recovery codes, each valid once. They are not shown again.')
const message = z.string()
const CODES_ONCE = 'Store these recovery codes. They are not shown again, and each is valid once.'

/** The profile of the caller, as their factors are changed. */
async function ownerOf(
  { users, clock }: MfaServices,
  caller: AccountCaller,
  request: FastifyRequest,
): Promise<FactorOwner> {
  const { user, organisation } = requireProfile(await users.findProfile(accountOf(caller), clock.now()))
  return { user, organisation, requestMetadata: requestMetadata(request) }
}

const own = { firstPartyOnly: true, sessionOnly: true } as const
const example = { token: '123456' }

const getMfaOperation = (services: MfaServices) =>
  accountOperation({
    ...own,
    method: 'GET',
    path: MFA_PATH,
    operationId: 'getMfa',
    summary: 'Get your second factors',
    schema: {
      response: {
        200: z.object({
          enabled: z.boolean(),
          methods: z.array(z.enum(['totp'])),
          backupCodesRemaining: z.int().describe('Recovery codes that are not used.'),
        }),
      },
    },
    errorStatuses: [401, 403],
    async handle({ context: caller, request }) {
      const { user } = await ownerOf(services, caller, request)
      const { totp, unusedRecoveryCodes } = await services.secondFactors.find(user)
      return {
        enabled: totp !== undefined,
        methods: totp ? ['totp' as const] : [],
        backupCodesRemaining: unusedRecoveryCodes,
      }
    },
  })

const enableMfaOperation = (services: MfaServices) =>
  accountOperation({
    ...own,
    recentSignIn: true,
    method: 'POST',
    path: `${MFA_PATH}/enable`,
    operationId: 'enableMfa',
    summary: 'Start setting up an authenticator app',
    description:
      'The app counts once its first code has been sent to /v1/me/mfa/verify. Needs a sign-in within the last ten minutes.',
    schema: {
      response: {
        200: z.object({
          secret: z.string().describe('In Base32, to type in.'),
          qrCodeUri: z.string().describe('The otpauth: URI for a QR code.'),
          message,
        }),
      },
    },
    errorStatuses: [400, 401, 403],
    async handle({ context: caller, request }) {
      const { secret, uri } = await startTotpEnrolment(services, await ownerOf(services, caller, request))
      return {
        secret,
        qrCodeUri: uri,
        message: 'Add the account to your app, and send its first code to /v1/me/mfa/verify.',
      }
    },
  })

const verifyMfaOperation = (services: MfaServices) =>
  accountOperation({
    ...own,
    method: 'POST',
    path: `${MFA_PATH}/verify`,
    operationId: 'verifyMfa',
    summary: 'Confirm your authenticator app',
    description: 'From then on, signing in needs a code of it.',
    schema: { body: appCode, response: { 200: z.object({ message, backupCodes, warning: z.string() }) } },
    errorStatuses: [400, 401, 403],
    example,
    async handle({ context: caller, request }) {
      const owner = await ownerOf(services, caller, request)
      const codes = await confirmTotpEnrolment(services, owner, request.body.token)
      return { message: 'The second factor is set up.', backupCodes: codes, warning: CODES_ONCE }
    },
  })

const checkMfaOperation = (services: MfaServices) =>
  accountOperation({
    ...own,
    method: 'POST',
    path: `${MFA_PATH}/check`,
    operationId: 'checkMfa',
    summary: 'Check a code of your authenticator app',
    description: 'Does not use the code up. Wrong codes count as attempts.',
    schema: { body: appCode, response: { 200: z.object({ valid: z.boolean() }) } },
    errorStatuses: [400, 401, 403],
    example,
    async handle({ context: caller, request }) {
      const { user } = await ownerOf(services, caller, request)
      return { valid: await isSecondFactorCode(services, user, request.body.token) }
    },
  })

const disableMfaOperation = (services: MfaServices) =>
  accountOperation({
    ...own,
    method: 'POST',
    path: `${MFA_PATH}/disable`,
    operationId: 'disableMfa',
    summary: 'Remove your second factors',
    description: 'Also the recovery codes. Not possible where your organisation requires a second factor.',
    schema: { body: anyCode, response: { 200: z.object({ message }) } },
    errorStatuses: [400, 401, 403],
    example,
    async handle({ context: caller, request }) {
      await disableSecondFactors(services, await ownerOf(services, caller, request), request.body.token)
      return { message: 'The second factor is removed.' }
    },
  })

const replaceBackupCodesOperation = (services: MfaServices) =>
  accountOperation({
    ...own,
    method: 'POST',
    path: `${MFA_PATH}/backup-codes`,
    operationId: 'replaceBackupCodes',
    summary: 'Replace your recovery codes',
    schema: { body: anyCode, response: { 200: z.object({ message, backupCodes }) } },
    errorStatuses: [400, 401, 403],
    example,
    async handle({ context: caller, request }) {
      const owner = await ownerOf(services, caller, request)
      return { message: CODES_ONCE, backupCodes: await replaceRecoveryCodes(services, owner, request.body.token) }
    },
  })

/** `/v1/me/mfa`. */
export const mfaOperations = (services: MfaServices): AccountOperation[] => [
  getMfaOperation(services),
  enableMfaOperation(services),
  verifyMfaOperation(services),
  checkMfaOperation(services),
  disableMfaOperation(services),
  replaceBackupCodesOperation(services),
]
