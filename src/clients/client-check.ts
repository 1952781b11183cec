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

type Told = Pick<ClientCheck, 'name' | 'expected' | 'seen'>

export const passed = (told: Told): ClientCheck => ({ ...told, outcome: 'passed', advice: null })
export const failed = (told: Told, advice: string): ClientCheck => ({ ...told, outcome: 'failed', advice })
export const skipped = (told: Told): ClientCheck => ({ ...told, outcome: 'skipped', advice: null })
