// `clients/diagnostics` owns the checks that an administrator can run on a registered client.
// A check reads settings and asks URLs of the client; it changes nothing.
// The route that runs them belongs to `admin/clients/test`.

import { z } from 'zod'

/** One thing that was looked at, for whoever has to put it right. */
export const clientCheckSchema = z.object({
  name: z.string().describe('What was looked at; stays the same over releases.'),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  expected: z.string(),
  seen: z.string(),
  advice: z.string().nullable().describe('What to change; null where nothing is wrong.'),
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
