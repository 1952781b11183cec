// `authentication/second-factor` owns what is proven beside the password: checking codes, setting up an authenticator app,
// and completing a sign-in whose second factor is due.
// Computing codes belongs to `factors`; the pages and operations belong to `account`.

import type { AttemptRateLimiter } from '../../http/rate-limit/rate-limiters.ts'
import type { Sealer } from '../../lib/crypto/sealer.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { SecondFactorProof, SecondFactorRepository } from '../../model/second-factors/second-factors.ts'
import type { UserReference } from '../../model/users/user-directory.ts'
import { hashRecoveryCode } from '../factors/recovery-code/recovery-codes.ts'
import { findTotpStep, isTotpCode } from '../factors/totp/totp.ts'

export interface SecondFactorServices {
  clock: Clock
  secondFactors: SecondFactorRepository
  /** Seals the secrets of authenticator apps. */
  totpSealer: Sealer
  recoveryCodeKey: Uint8Array
  /** Counts wrong codes by user. */
  codeAttempts: AttemptRateLimiter
}

/** The row that a sealed secret belongs to. */
export const totpAssociatedData = (userId: string) => `totp_credentials/${userId}`

/**
 * Checks a code of the authenticator app or a recovery code, and lets `accept` use it up. Returns the proof if it was correct
 * and unused. Throws `TooManyRequests`: an attempt counts before it is checked.
 */
export async function proveSecondFactor(
  services: SecondFactorServices,
  user: UserReference,
  code: string,
  accept: (proof: SecondFactorProof) => Promise<boolean>,
): Promise<SecondFactorProof | undefined> {
  let proof: SecondFactorProof | undefined
  const isProven = await countingAttempts(services, user, async () => {
    proof = await readProof(services, user, code)
    return proof !== undefined && (await accept(proof))
  })
  return isProven ? proof : undefined
}

/** Whether a code of the authenticator app is correct. It stays unused. Throws `TooManyRequests`. */
export async function isSecondFactorCode(
  services: SecondFactorServices,
  user: UserReference,
  code: string,
): Promise<boolean> {
  return countingAttempts(services, user, async () => (await readProof(services, user, code))?.method === 'totp')
}

/** Runs a check of a code that counts as an attempt until one succeeds. */
export async function countingAttempts(
  { codeAttempts }: Pick<SecondFactorServices, 'codeAttempts'>,
  { id }: Pick<UserReference, 'id'>,
  check: () => Promise<boolean>,
): Promise<boolean> {
  await codeAttempts.consume(id)
  const isCorrect = await check()
  if (isCorrect) await codeAttempts.reset(id)
  return isCorrect
}

async function readProof(
  { clock, secondFactors, totpSealer, recoveryCodeKey }: SecondFactorServices,
  user: UserReference,
  code: string,
): Promise<SecondFactorProof | undefined> {
  // Only the write that uses it up says whether a recovery code exists.
  if (!isTotpCode(code)) return { method: 'recovery_code', codeHash: hashRecoveryCode(recoveryCodeKey, user.id, code) }
  const { totp } = await secondFactors.find(user)
  if (!totp) return undefined
  const step = findTotpStep(totpSealer.open(totp.secret, totpAssociatedData(user.id)), code, clock.now())
  return step === undefined ? undefined : { method: 'totp', step }
}
