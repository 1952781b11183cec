/** How long a role is assigned. */
export interface AssignmentPeriod {
  /** Null: it has no end. */
  expiresAt: Date | null
}

/** Whether an assigned role has an effect: without any job, it ends at this instant. */
export function isAssignmentEffective({ expiresAt }: AssignmentPeriod, now: Date): boolean {
  return expiresAt === null || expiresAt > now
}
