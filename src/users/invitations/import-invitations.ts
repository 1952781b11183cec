import { TooManyRequests } from '../../http/errors/request-errors.ts'
import { DomainError } from '../../lib/domain-error.ts'
import type { InvitedAddresses } from '../../model/invitations/invitation.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { prepareAccess, type AccessServices, type NewAccess } from '../import/new-access.ts'
import { invite, type InvitationDelivery, type InvitationManagement } from './manage-invitations.ts'

export type InvitationImportServices = InvitationManagement & AccessServices

/** Roles and teams are named by their slugs. No role: the default role of the organisation. */
export interface ImportedInvitation {
  email: string
  roles: readonly string[]
  teams: readonly string[]
  expiresInDays: number
}

/** An invitation of the request, or why the request does not describe one. */
export type InvitationLine = ImportedInvitation | { problem: string }

export interface InvitationResult {
  /** `unchanged`: the address is that of a member, or has an open invitation. */
  outcome: 'created' | 'unchanged' | 'failed'
  /** Of the invitation; in a dry run, not of one that would be created. */
  id?: string
  /** Of an invitation that is not mailed. */
  link?: string
  reason?: string
}

/**
 * Invites people. One who fails does not keep the others from being invited, and a repeated request invites those that are
 * missing. The rules of inviting one hold for each.
 */
export async function importInvitations(
  services: InvitationImportServices,
  context: AdminContext,
  lines: readonly InvitationLine[],
  { dryRun, ...delivery }: InvitationDelivery & { dryRun: boolean },
): Promise<InvitationResult[]> {
  const invitations = lines.filter((line) => 'email' in line)
  const emailKeys = invitations.map(({ email }) => toEmailKey(email))
  const known = await services.invitations.findByAddress(context.organisationId, emailKeys, services.clock.now())
  const accessOf = await prepareAccess(services, context, invitations)
  const seen = new Set<string>()
  const results: InvitationResult[] = []
  // One after the other, as mails are counted.
  for (const line of lines) {
    const planned = plan(line, { known, seen, accessOf })
    const due = 'email' in planned && !dryRun
    results.push(due ? await inviteOne(services, context, planned, delivery) : planned.result)
  }
  return results
}

interface Planned {
  result: InvitationResult
}

interface PlannedInvitation extends Planned {
  email: string
  expiresInDays: number
  access: NewAccess
}

function plan(
  line: InvitationLine,
  facts: {
    known: InvitedAddresses
    /** The addresses before. */
    seen: Set<string>
    accessOf: (line: ImportedInvitation) => NewAccess
  },
): Planned | PlannedInvitation {
  if (!('email' in line)) return failed(line.problem)
  const emailKey = toEmailKey(line.email)
  if (facts.seen.has(emailKey)) return failed('The request has this address before.')
  facts.seen.add(emailKey)
  if (facts.known.members.includes(emailKey)) {
    return { result: { outcome: 'unchanged', reason: 'This e-mail address is that of a member of the organisation.' } }
  }
  const pending = facts.known.pending.find((invitation) => invitation.emailKey === emailKey)
  if (pending) {
    const reason = 'This e-mail address has a pending invitation.'
    return { result: { outcome: 'unchanged', id: pending.id, reason } }
  }
  try {
    const { email, expiresInDays } = line
    return { result: { outcome: 'created' }, email, expiresInDays, access: facts.accessOf(line) }
  } catch (error) {
    if (error instanceof DomainError) return failed(error.message)
    throw error
  }
}

async function inviteOne(
  services: InvitationImportServices,
  context: AdminContext,
  { email, expiresInDays, access: { roleIds, teamIds } }: PlannedInvitation,
  delivery: InvitationDelivery,
): Promise<InvitationResult> {
  try {
    const wanted = { email, roleIds, teamIds, expiresInDays }
    const { invitation, link } = await invite(services, context, wanted, delivery)
    return { outcome: 'created', id: invitation.id, ...(link !== undefined && { link }) }
  } catch (error) {
    if (error instanceof DomainError || error instanceof TooManyRequests) {
      return { outcome: 'failed', reason: error.message }
    }
    throw error
  }
}

const failed = (reason: string): Planned => ({ result: { outcome: 'failed', reason } })
