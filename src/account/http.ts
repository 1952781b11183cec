// `account` owns what users do for themselves: sign-in and sign-out (`auth`), profile and sessions (`me`), and the
// hosted sign-in page (`pages`). `auth` and `me` are operations of the JSON API, one file each.
// Checking passwords and keeping sessions belongs to `authentication`. Other users' data belongs to `admin`.

import type { FastifyInstance } from 'fastify'
import type { PasswordChangeServices } from '../authentication/change-password.ts'
import { setUpJsonApi, type JsonApiOptions } from '../http/json-api/json-api.ts'
import { mountOperations, type Operation } from '../http/json-api/operation.ts'
import { enableCors, handlePreflight, type CorsOptions } from '../http/security/cors.ts'
import {
  acceptInvitationOperation,
  findInvitationOperation,
  type InvitationServices,
} from './invitations/invitation-operations.ts'
import { acceptAsMemberOperation } from './invitations/accept-as-member.ts'
import { issueApiKeyTokenOperation, type ApiKeyTokenServices } from './api-keys/issue-api-key-token.ts'
import { reportLeakedApiKeysOperation, type LeakReportServices } from './api-keys/report-leaked-api-keys.ts'
import { forgotPasswordOperation } from './recovery/forgot-password.ts'
import { resetPasswordOperation } from './recovery/reset-password.ts'
import type { ForgottenPasswordServices } from '../authentication/recovery/forgot-password.ts'
import type { PasswordResetServices } from '../authentication/recovery/reset-password.ts'
import {
  openVerificationLinkOperation,
  sendVerificationEmailOperation,
  verifyEmailOperation,
} from './verification/verification-operations.ts'
import { acceptByTokenOperation, registerOperation } from './invitations/accept-aliases.ts'
import { sameOriginOnly } from './auth/access.ts'
import { endSessionOperation } from './auth/end-session.ts'
import { onboardOperation, type OnboardServices } from './auth/onboard.ts'
import { signInOperation, type SignInServices } from './auth/sign-in.ts'
import { signOutOperation, type SignOutServices } from './auth/sign-out.ts'
import { createAccountAccess, type AccountAccessOptions } from './me/access.ts'
import { changeEmailOperation } from './me/change-email.ts'
import { changePasswordOperation } from './me/change-password.ts'
import { deleteSessionOperation } from './me/delete-session.ts'
import { endOtherSessionsOperation } from './me/end-other-sessions.ts'
import { exportDataOperation, type ExportServices } from './me/export-data.ts'
import { getProfileOperation, type ProfileServices } from './me/get-profile.ts'
import { listSessionsOperation, type SessionServices } from './me/list-sessions.ts'
import { membershipOperations, type MembershipServices } from './me/memberships/membership-operations.ts'
import { mfaOperations, type MfaServices } from './me/mfa/mfa-operations.ts'
import { updateProfileOperation } from './me/update-profile.ts'
import { passkeyOperations, type PasskeyOperationServices } from './passkeys/passkey-operations.ts'
import { passkeySignInOperations, type PasskeySignInOperationServices } from './passkeys/sign-in-operations.ts'

/** What the operations need together: each names its own services. */
export type AccountServices = SignInServices &
  OnboardServices &
  SignOutServices &
  ProfileServices &
  ExportServices &
  SessionServices &
  PasswordChangeServices &
  ForgottenPasswordServices &
  PasswordResetServices &
  MfaServices &
  PasskeyOperationServices &
  PasskeySignInOperationServices &
  MembershipServices &
  LeakReportServices &
  ApiKeyTokenServices &
  InvitationServices

export interface AccountApiOptions extends JsonApiOptions, AccountAccessOptions {
  /** The origins whose scripts may call `/v1/me`. */
  cors: CorsOptions
  services: AccountServices
}

/** `/v1/auth` and `/v1/me`, and what anybody may report. */
export async function accountApi(scope: FastifyInstance, options: AccountApiOptions): Promise<void> {
  const { issuer, cors, services } = options
  await setUpJsonApi(scope, options)
  const authOperations = [
    signInOperation(services),
    ...passkeySignInOperations(services),
    signOutOperation(services),
    endSessionOperation(services),
    onboardOperation(services),
    forgotPasswordOperation(services),
    resetPasswordOperation(services),
    sendVerificationEmailOperation(services),
  ]
  mountOperations(scope, authOperations, () => sameOriginOnly(issuer))
  const publicOperations = [
    reportLeakedApiKeysOperation(services),
    issueApiKeyTokenOperation(services),
    findInvitationOperation(services),
    acceptInvitationOperation(services),
    openVerificationLinkOperation(),
    verifyEmailOperation(services),
    acceptByTokenOperation(services),
    registerOperation(services),
  ]
  mountOperations<undefined, Operation<undefined>>(scope, publicOperations, () => ({ contextOf: () => undefined }))
  await scope.register(async (crossOrigin) => {
    enableCors(crossOrigin, cors)
    const meOperations = [
      getProfileOperation(services),
      updateProfileOperation(services),
      exportDataOperation(services),
      listSessionsOperation(services),
      deleteSessionOperation(services),
      endOtherSessionsOperation(services),
      changePasswordOperation(services),
      changeEmailOperation(services),
      ...mfaOperations(services),
      ...passkeyOperations(services),
      ...membershipOperations(services),
      acceptAsMemberOperation(services),
    ]
    for (const path of new Set(meOperations.map((operation) => operation.path))) handlePreflight(crossOrigin, path)
    mountOperations(crossOrigin, meOperations, createAccountAccess(options))
  })
}
