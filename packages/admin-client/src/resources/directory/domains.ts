import { type ApiRequest, jsonBody, type Query, withQuery } from '../../transport/request.ts'
import type { Page } from '../paging.ts'

const DOMAINS_PATH = '/v1/admin/domains'

/** A domain of e-mail addresses of the organisation. Times are ISO 8601. */
export interface OrganisationDomain {
  id: string
  /** In the form of the DNS. */
  domain: string
  displayName: string
  organisationId: string
  status: 'pending' | 'verified'
  /** The DNS record that proves control. */
  record: { type: 'TXT'; name: string; value: string }
  verifiedAt: string | null
  lastCheckedAt: string | null
  /** Since when the record of a verified domain is absent. */
  missingSince: string | null
  membership: 'none' | 'suggested' | 'automatic'
  /** The role of new members; null: the default role. */
  roleId: string | null
  fromAnyOrganisation: boolean
  createdBy: string | null
  createdAt: string
  updatedAt: string
}

function domainPath(id: string, below = ''): string {
  return `${DOMAINS_PATH}/${encodeURIComponent(id)}${below}`
}

export const listDomains = (query: Query = {}): ApiRequest<Page<OrganisationDomain>> => ({
  method: 'GET',
  path: withQuery(DOMAINS_PATH, query),
})

export const getDomain = (id: string): ApiRequest<OrganisationDomain> => ({ method: 'GET', path: domainPath(id) })

export const addDomain = (settings: unknown): ApiRequest<OrganisationDomain> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: DOMAINS_PATH,
})

export const updateDomain = (id: string, changes: unknown): ApiRequest<OrganisationDomain> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: domainPath(id),
})

export const verifyDomain = (id: string): ApiRequest<OrganisationDomain> => ({
  method: 'POST',
  path: domainPath(id, '/verify'),
})

export const deleteDomain = (id: string): ApiRequest => ({ method: 'DELETE', path: domainPath(id) })
