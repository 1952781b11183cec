import { z } from 'zod'
import { toUnicodeDomain } from '../../lib/text/domain-name.ts'
import { domainStatuses, type OrganisationDomain } from '../../model/domains/organisation-domain.ts'
import { verificationRecord } from '../../users/domains/verify-domain.ts'

export const DOMAINS_TAG = 'Domains'
export const DOMAINS_PATH = '/v1/admin/domains'
export const DOMAIN_PATH = `${DOMAINS_PATH}/:id`

export const domainParams = z.object({ id: z.uuid({ error: 'must be the id of a domain' }) })

export const domainSchema = z.object({
  id: z.string(),
  domain: z.string().describe('In the form of the DNS.'),
  displayName: z.string().describe('The same as people read it.'),
  organisationId: z.string(),
  status: z.enum(domainStatuses),
  record: z
    .object({ type: z.literal('TXT'), name: z.string(), value: z.string() })
    .describe('The DNS record to publish, and to keep.'),
  verifiedAt: z.string().nullable().describe('ISO 8601.'),
  lastCheckedAt: z.string().nullable(),
  missingSince: z
    .string()
    .nullable()
    .describe('Since when the record of a verified domain is absent. After seven days the verification is lost.'),
  createdBy: z.string().nullable().describe('The id of the user who added it.'),
  createdAt: z.string(),
  updatedAt: z.string(),
})

export function representDomain(domain: OrganisationDomain): z.output<typeof domainSchema> {
  const { id, domain: name, organisationId, verifiedAt, lastCheckedAt, missingSince, createdBy } = domain
  return {
    id,
    domain: name,
    displayName: toUnicodeDomain(name),
    organisationId,
    status: verifiedAt === null ? 'pending' : 'verified',
    record: { type: 'TXT', ...verificationRecord(domain) },
    verifiedAt: verifiedAt?.toISOString() ?? null,
    lastCheckedAt: lastCheckedAt?.toISOString() ?? null,
    missingSince: missingSince?.toISOString() ?? null,
    createdBy,
    createdAt: domain.createdAt.toISOString(),
    updatedAt: domain.updatedAt.toISOString(),
  }
}
