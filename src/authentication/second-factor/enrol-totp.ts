import type { NewSecondFactor } from '../../model/second-factors/second-factors.ts'
import type { User } from '../../model/users/user.ts'
import { createRecoveryCodes, hashRecoveryCode } from '../factors/recovery-code/recovery-codes.ts'
import { createTotpSecret, encodeTotpSecret, findTotpStep, totpUri } from '../factors/totp/totp.ts'
import { countingAttempts, totpAssociatedData, type SecondFactorServices } from './prove-second-factor.ts'

/** What a user needs to add the account to an authenticator app. */
export interface TotpEnrolment {
  /** In Base32. */
  secret: string
  /** `otpauth:` */
  uri: string
}

/** A new secret for the authenticator app of a user, sealed. */
export function createSealedTotpSecret(
  { totpSealer }: Pick<SecondFactorServices, 'totpSealer'>,
  userId: string,
): Buffer {
  return totpSealer.seal(createTotpSecret(), totpAssociatedData(userId))
}

/** What the user enters into the app. `organisation` is shown there beside the e-mail address. */
export function describeTotpEnrolment(
  { totpSealer }: Pick<SecondFactorServices, 'totpSealer'>,
  { id, email }: Pick<User, 'id' | 'email'>,
  sealedSecret: Uint8Array,
  organisation: string,
): TotpEnrolment {
  const secret = totpSealer.open(sealedSecret, totpAssociatedData(id))
  return { secret: encodeTotpSecret(secret), uri: totpUri(secret, organisation, email) }
}

/**
 * Checks the first code of a new app, makes recovery codes, and lets `accept` store both. Returns the recovery codes, or
 * undefined if the code is wrong or `accept` refuses. Throws `TooManyRequests`.
 */
export async function proveNewTotp(
  services: SecondFactorServices,
  user: Pick<User, 'id'>,
  sealedSecret: Uint8Array,
  code: string,
  accept: (factor: NewSecondFactor) => Promise<boolean>,
): Promise<string[] | undefined> {
  const { clock, totpSealer, recoveryCodeKey } = services
  const recoveryCodes = createRecoveryCodes()
  const isAccepted = await countingAttempts(services, user, async () => {
    const step = findTotpStep(totpSealer.open(sealedSecret, totpAssociatedData(user.id)), code, clock.now())
    if (step === undefined) return false
    const recoveryCodeHashes = recoveryCodes.map((each) => hashRecoveryCode(recoveryCodeKey, user.id, each))
    return accept({ totpSecret: sealedSecret, step, recoveryCodeHashes })
  })
  return isAccepted ? recoveryCodes : undefined
}
