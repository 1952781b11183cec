import type { ValidationIssue } from '../../lib/validation-issue.ts'
import type { ClientSettings } from '../../model/clients/client.ts'

/** What a client cannot be at this moment: given an end that has passed, or made active after its end. */
export function expiryIssues(
  { expiresAt }: ClientSettings,
  { expiresAt: end, isActive }: Partial<ClientSettings>,
  now: Date,
): ValidationIssue[] {
  if (expiresAt === null || expiresAt > now) return []
  if (end) return [{ path: ['expiresAt'], code: 'custom', message: 'must be in the future' }]
  if (!isActive) return []
  return [{ path: ['isActive'], code: 'custom', message: 'needs a later expiresAt, or none: the client has expired' }]
}
