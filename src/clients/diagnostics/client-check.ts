// `clients/diagnostics` owns the checks that an administrator can run on a registered client.
// A check reads settings and requests URLs of the client. It changes nothing.
// The operation that runs them belongs to `admin/clients`.

import { z } from 'zod'

/** The result of one check, for the developer who has to correct the client. */
export const clientCheckSchema = z.object({
  name: z.string().describe('The name of the check; stable across releases.'),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  expected: z.string(),
  seen: z.string(),
  advice: z.string().nullable().describe('What to change; null for a check that did not fail.'),
})
export type ClientCheck = z.output<typeof clientCheckSchema>

type CheckSubject = Pick<ClientCheck, 'name' | 'expected' | 'seen'>

export const passed = (subject: CheckSubject): ClientCheck => ({ ...subject, outcome: 'passed', advice: null })
export const failed = (subject: CheckSubject, advice: string): ClientCheck => ({
  ...subject,
  outcome: 'failed',
  advice,
})
export const skipped = (subject: CheckSubject): ClientCheck => ({ ...subject, outcome: 'skipped', advice: null })
