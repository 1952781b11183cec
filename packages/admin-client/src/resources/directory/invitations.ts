import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'

const INVITATIONS_PATH = '/v1/admin/invitations'

interface Named {
  id: string
  name: string
  slug: string
}

/** An invitation to become a user of the organisation, without its link. Times are ISO 8601. */
export interface Invitation {
  id: string
  organisationId: string
  email: string
  status: 'pending' | 'accepted' | 'expired' | 'revoked'
  roles: Named[]
  teams: Named[]
  invitedBy: { id: string; email: string; name: string | null } | null
  expiresAt: string
  acceptedAt: string | null
  /** The id of the user who accepted it. */
  acceptedBy: string | null
  revokedAt: string | null
  createdAt: string
  updatedAt: string
}

/** An invitation with its link, which is in this response only. Null: it was mailed. */
export interface IssuedInvitation extends Invitation {
  link: string | null
}

function invitationPath(id: string, below = ''): string {
  return `${INVITATIONS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listInvitations = (query: Query = {}): ApiRequest<Page<Invitation>> => ({
  method: 'GET',
  path: withQuery(INVITATIONS_PATH, query),
})

export const getInvitation = (id: string): ApiRequest<Invitation> => ({ method: 'GET', path: invitationPath(id) })

export const createInvitation = (settings: unknown): ApiRequest<IssuedInvitation> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: INVITATIONS_PATH,
})

export const resendInvitation = (id: string): ApiRequest<{ message: string; invitation: IssuedInvitation }> => ({
  method: 'POST',
  path: invitationPath(id, '/resend'),
})

export const deleteInvitation = (id: string): ApiRequest<null> => ({ method: 'DELETE', path: invitationPath(id) })

/** What happened to each of the imported invitations, in the order of the request. */
export interface InvitationImportResult {
  dryRun: boolean
  counts: { created: number; unchanged: number; failed: number }
  invitations: { outcome: 'created' | 'unchanged' | 'failed'; id?: string; link?: string; reason?: string }[]
}

/** At most 200 invitations. A dry run stores and mails nothing. */
export const importInvitations = (
  invitations: readonly unknown[],
  { dryRun = false, ...delivery }: { dryRun?: boolean; deliver?: 'mail' | 'link'; language?: string } = {},
): ApiRequest<InvitationImportResult> => ({
  ...jsonBody({ invitations, ...delivery }),
  method: 'POST',
  path: withQuery(`${INVITATIONS_PATH}/import`, { dryRun: String(dryRun) }),
})
