import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { ClientSettings } from '../../model/clients/client.ts'

/** Rejects an `expiresAt` in the past, and enabling a client that has expired. */
export function expiryIssues(
  { expiresAt }: ClientSettings,
  { expiresAt: end, isActive }: Partial<ClientSettings>,
  now: Date,
): ValidationIssue[] {
  if (expiresAt === null || expiresAt > now) return []
  if (end) return [{ path: ['expiresAt'], code: 'custom', message: 'must be in the future' }]
  if (!isActive) return []
  return [
    {
      path: ['isActive'],
      code: 'custom',
      message: 'cannot be true: the client has expired. Set a later expiresAt, or null',
    },
  ]
}
