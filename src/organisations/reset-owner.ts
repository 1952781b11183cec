import { createAuditEvent, internalRequestMetadata } from '../audit/catalogue.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { Owner, OwnerRepository } from '../model/organisations/owner.ts'
import { toEmailKey } from '../model/users/user.ts'
import { generatePassword } from './generate-password.ts'

export interface ResetOwnerOptions {
  owners: OwnerRepository
  clock: Clock
  hashPassword: (password: string) => Promise<string>
  /** Required where several users are owners. */
  email: string | undefined
}

export type ResetOwnerResult =
  | { outcome: 'reset'; owner: Owner; password: string; endedSessions: number; revokedGrants: number }
  | { outcome: 'unknown' | 'ambiguous'; owners: Owner[] }

/** Gives an owner a new generated password, which is stored nowhere: the caller must show it. */
export async function resetOwner({ owners, clock, hashPassword, email }: ResetOwnerOptions): Promise<ResetOwnerResult> {
  const all = await owners.list(clock.now())
  const candidates = email === undefined ? all : all.filter((owner) => toEmailKey(owner.email) === toEmailKey(email))
  const [owner, ...others] = candidates
  if (!owner) return { outcome: 'unknown', owners: all }
  if (others.length > 0) return { outcome: 'ambiguous', owners: candidates }
  const password = generatePassword()
  const event = createAuditEvent(clock, 'user.password_reset', {
    organisationId: owner.organisationId,
    userId: owner.id,
    requestMetadata: internalRequestMetadata,
    resource: { type: 'user', id: owner.id },
    metadata: { by: 'operator', email: owner.email },
  })
  const result = await owners.resetPassword(owner, await hashPassword(password), event)
  return result ? { outcome: 'reset', owner, password, ...result } : { outcome: 'unknown', owners: all }
}
