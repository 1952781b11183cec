import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { toUnicodeDomain } from '../../lib/text/domain-name.ts'
import { domainMemberships, domainStatuses, type OrganisationDomain } from '../../model/domains/organisation-domain.ts'
import { verificationRecord } from '../../users/domains/verify-domain.ts'

export const DOMAINS_TAG = 'Domains'
export const DOMAINS_PATH = '/v1/admin/domains'
export const DOMAIN_PATH = `${DOMAINS_PATH}/:id`

export const domainParams = z.object({ id: z.uuid({ error: 'must be the id of a domain' }) })

/** The members that can be changed. */
export const domainMembers = {
  membership: field
    .oneOf(domainMemberships)
    .describe(
      'none. suggested: users who confirmed an e-mail address of the domain by a mail may join. automatic: they become members when they confirm it.',
    ),
  roleId: z
    .uuid({ error: 'must be the id of a role' })
    .nullable()
    .describe('The role of new members. Null: the default role of the organisation.'),
  fromAnyOrganisation: field.boolean.describe(
    "Whether users of every organisation of the server count, whose administrators can take their accounts over; otherwise those of the operator's organisation.",
  ),
}

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
  membership: z.enum(domainMemberships),
  roleId: z.string().nullable(),
  fromAnyOrganisation: z.boolean(),
  createdBy: z.string().nullable().describe('The id of the user who added it.'),
  createdAt: z.string(),
  updatedAt: z.string(),
})

export function representDomain(domain: OrganisationDomain): z.output<typeof domainSchema> {
  const { id, domain: name, organisationId, verifiedAt, lastCheckedAt, missingSince, createdBy } = domain
  const { membership, roleId, fromAnyOrganisation } = domain
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
    membership,
    roleId,
    fromAnyOrganisation,
    createdBy,
    createdAt: domain.createdAt.toISOString(),
    updatedAt: domain.updatedAt.toISOString(),
  }
}
