// `authentication/recovery` owns how users get back into an account by mail: forgotten passwords, and accounts that another
// person took over. A link is opened without effect, because programs that scan mails open it as well: a form consumes it.

import { createAuditEvent } from '../../audit/catalogue.ts'
import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { hmacSha256, sha256 } from '../../lib/crypto/hash.ts'
import { randomString, randomToken, uuidv7 } from '../../lib/crypto/random.ts'
import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import { NotFound } from '../../lib/domain-error.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { MailParameters } from '../../mail/templates/mail-content.ts'
import type {
  AccountRecoveryRepository,
  MailedCode,
  RecoverableAccount,
} from '../../model/recovery/account-recovery.ts'
import type { CodeContext, CodePurpose, NewOneTimeCode, OpenOneTimeCode } from '../../model/recovery/one-time-code.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { formatUserCode, USER_CODE_ALPHABET, USER_CODE_LENGTH } from '../../oauth/device-code.ts'
import { chooseLocale, preferredLanguages } from '../../pages/messages/locale.ts'

export interface RecoveryServices {
  issuer: string
  clock: Clock
  mailer: Mailer
  accountRecovery: AccountRecoveryRepository
  /** Keys the hashes of typed codes. */
  codeKey: Uint8Array
}

/** What a link of this purpose opens, how its token begins, and for how many seconds it works. */
export const linkKinds = {
  password_reset: { path: '/reset-password', prefix: 'prt_', seconds: 3_600 },
  email_verification: { path: '/verify-email', prefix: 'evt_', seconds: 86_400 },
  email_change: { path: '/change-email', prefix: 'ech_', seconds: 86_400 },
  email_undo: { path: '/undo-email-change', prefix: 'euc_', seconds: 3 * 86_400 },
  secure_account: { path: '/secure-account', prefix: 'sec_', seconds: 7 * 86_400 },
} as const satisfies Record<CodePurpose, { path: string; prefix: string; seconds: number }>

/** The link was used, has expired, was replaced by a newer one, or its user may not sign in. */
export class LinkUnavailable extends NotFound {
  override readonly name = 'LinkUnavailable'

  constructor() {
    super('This link or code is not valid any more. Ask for another one.')
  }
}

interface Recipient {
  id: string
  organisationId: string
  email: string
}

/** A new link, and the code that can be typed instead. */
export function createLink(
  { issuer, clock, codeKey }: Pick<RecoveryServices, 'issuer' | 'clock' | 'codeKey'>,
  purpose: CodePurpose,
  { id: userId, organisationId, email }: Recipient,
  { browserHash, context = {} }: { browserHash?: Uint8Array | undefined; context?: CodeContext } = {},
): { code: NewOneTimeCode; token: string; link: string; typedCode: string } {
  const { path, prefix, seconds } = linkKinds[purpose]
  const createdAt = clock.now()
  const id = uuidv7(createdAt)
  const token = `${prefix}${randomToken()}`
  const typed = randomString(USER_CODE_ALPHABET, USER_CODE_LENGTH)
  return {
    token,
    link: `${issuer}${path}?token=${token}`,
    typedCode: formatUserCode(typed),
    code: {
      id,
      organisationId,
      userId,
      purpose,
      emailKey: toEmailKey(email),
      linkHash: sha256(token),
      codeHash: hashTypedCode(codeKey, id, typed),
      browserHash,
      context,
      createdAt,
      expiresAt: addSeconds(createdAt, seconds),
    },
  }
}

/** Keyed, because a typed code has few bits. Bound to its row. */
export function hashTypedCode(codeKey: Uint8Array, id: string, code: string): Buffer {
  return hmacSha256(codeKey, `${id}\n${code}`)
}

/** The language of a mail to a user: theirs, or that of the request. */
export function languageOf({ locale }: { locale: string | null }, acceptLanguage: string | undefined): string {
  return chooseLocale([locale, ...preferredLanguages(undefined, acceptLanguage)].join(' '), undefined)
}

/** Counts a mail that is sent whether or not its recipient asked for it. False above the limit: then none is sent. */
export async function admitsMail(mailer: Mailer, { email, organisationId }: Recipient): Promise<boolean> {
  try {
    await mailer.admit({ recipient: email, organisationId })
    return true
  } catch (error) {
    if (error instanceof TooManyRequests) return false
    throw error
  }
}

interface LinkRequest {
  /** The browser that asks, and what its link continues. */
  binding?: { browserHash: Uint8Array | undefined; context: CodeContext }
  acceptLanguage: string | undefined
  requestMetadata: RequestMetadata
}

/** Mails a link and a code that the user of this account asked for, and records that. */
export async function mailRequestedLink(
  services: RecoveryServices,
  purpose: 'password_reset' | 'email_verification',
  account: RecoverableAccount,
  { binding, acceptLanguage, requestMetadata }: LinkRequest,
): Promise<void> {
  const { accountRecovery, mailer, clock } = services
  const { id: userId, organisationId } = account
  const { code, link, typedCode } = createLink(services, purpose, account, binding)
  const mail = mailer.compose({
    template: purpose,
    organisationId,
    userId,
    recipient: account.email,
    language: languageOf(account, acceptLanguage),
    parameters: { organisation: account.organisation.name, link, code: typedCode },
    usableUntil: code.expiresAt,
  })
  const event = createAuditEvent(clock, `user.${purpose}.requested`, {
    organisationId,
    userId,
    requestMetadata,
    resource: { type: 'user', id: userId },
  })
  await accountRecovery.request({ code, mail }, event)
  mailer.flush()
}

/** The link of a token, while it works. Throws `LinkUnavailable`. */
export async function findLink(
  { accountRecovery, clock }: Pick<RecoveryServices, 'accountRecovery' | 'clock'>,
  purpose: CodePurpose,
  token: string,
): Promise<OpenOneTimeCode> {
  const code = await accountRecovery.findCode(sha256(token), purpose, clock.now())
  if (!code) throw new LinkUnavailable()
  return code
}

type NoticeRecipient = Recipient & { locale: string | null; organisation: string }

/** The mail that says that the password was changed, with the link for users who did not do it. */
export function composePasswordNotice(services: RecoveryServices, user: NoticeRecipient): MailedCode {
  return composeNotice(services, user, 'password_changed', {})
}

/** The same about the authenticator app. Undefined where no mails are sent. */
export function composeSecondFactorNotice(
  services: RecoveryServices,
  user: NoticeRecipient,
  added: boolean,
): MailedCode | undefined {
  return services.mailer.isEnabled ? composeNotice(services, user, 'second_factor_changed', { added }) : undefined
}

/** The same about a passkey of this name. */
export function composePasskeyNotice(
  services: RecoveryServices,
  user: NoticeRecipient,
  change: { added: boolean; name: string },
): MailedCode | undefined {
  return services.mailer.isEnabled ? composeNotice(services, user, 'passkey_changed', change) : undefined
}

function composeNotice<Template extends 'password_changed' | 'second_factor_changed' | 'passkey_changed'>(
  services: RecoveryServices,
  user: NoticeRecipient,
  template: Template,
  particulars: Omit<MailParameters[Template], 'organisation' | 'link' | 'changedAt'>,
): MailedCode {
  const { code, link } = createLink(services, 'secure_account', user)
  const common = { organisation: user.organisation, link, changedAt: code.createdAt.toISOString() }
  const mail = services.mailer.compose({
    template,
    organisationId: user.organisationId,
    userId: user.id,
    recipient: user.email,
    language: languageOf(user, undefined),
    parameters: { ...common, ...particulars } as MailParameters[Template],
    usableUntil: code.expiresAt,
  })
  // The code is for links only: the page of this link asks for none.
  return { code: { ...code, codeHash: undefined }, mail }
}
